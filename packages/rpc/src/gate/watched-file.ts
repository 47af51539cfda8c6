// A file whose content may change while the process runs: mounted secrets are rotated in place. It is looked at when it
// is used, at most once a second, so there is no timer and no watcher (which miss the symlink swaps of Kubernetes).
import { readFileSync, statSync } from 'node:fs';

const checkIntervalMs = 1_000;

export interface WatchedFileOptions<Content> {
  readonly parse: (text: string) => Content;
  /** Told when a later version cannot be read or parsed; the last good content stays. */
  readonly onError: (error: unknown) => void;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Reads the file at once (and throws what `parse` or the file system throws); the returned function gives its content. */
export function watchFile<Content>(path: string, options: WatchedFileOptions<Content>): () => Content {
  const { parse, onError, now = () => performance.now() } = options;
  let stampInForce = stampOf(path);
  let content = parse(readFileSync(path, 'utf8'));
  let stampReported: string | undefined;
  let checkedAt = now();
  const refresh = () => {
    let stamp = 'missing';
    try {
      stamp = stampOf(path);
      if (stamp === stampInForce) return;
      content = parse(readFileSync(path, 'utf8'));
      stampInForce = stamp;
    } catch (error) {
      // Once for each state of the file, not once a second.
      if (stamp !== stampReported) onError(error);
      stampReported = stamp;
    }
  };
  return () => {
    const instant = now();
    if (instant - checkedAt >= checkIntervalMs) {
      checkedAt = instant;
      refresh();
    }
    return content;
  };
}

function stampOf(path: string): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}
