// Where the wire contract lies. Apart from what loads it: whoever reads one file of it needs no more than the path.
import { fileURLToPath } from 'node:url';

/** The folder that holds the .proto files. */
export const protoDirectory = fileURLToPath(new URL('../../../proto/', import.meta.url));
