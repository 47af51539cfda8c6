// Where the servers that are not ours are installed: below the bench's own folder, where git looks past it.
import { fileURLToPath } from 'node:url';

export const cacheFolder = fileURLToPath(new URL('../../.cache/peers/', import.meta.url));
