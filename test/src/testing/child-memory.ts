// What the child processes of this one have taken of memory, on Linux: a model with `weft.isolation: process` runs in one.
import { readdirSync, readFileSync } from 'node:fs';

/** The most that any one child has had at once, in megabytes. */
export function peakOfChildrenMb(): number {
  const peaks = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const status = statusOf(pid);
      if (Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]) !== process.pid) return [];
      return [Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024];
    });
  return Math.max(0, ...peaks);
}

/** Empty of a process that has gone meanwhile. */
function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return '';
    throw thrown;
  }
}
