// Paths of files inside a version's folder, as manifests and events name them.
import { invalidArgument } from '@weft/errors';

/** Throws INVALID_ARGUMENT for a path that is not plainly below its folder: `labels/coco.txt` is, `../x` and `/etc/passwd` are not. */
export function validateArtifactPath(path: string): void {
  const parts = path.split('/');
  const plain = parts.every((part) => part !== '' && part.trim() === part && part !== '.' && part !== '..');
  if (!plain || /[\\\0]/.test(path)) throw invalidArgument(`'${path}' is no path below a version's folder`);
}
