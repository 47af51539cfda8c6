// Regions of the host's shared memory that clients on the same host have registered: POSIX objects, which are files in /dev/shm. Only
// registered ones are read and written, and only within the bounds they were registered with; objects are opened once, at their
// registration, without following links. No error names a path of the host or tells why an object cannot be opened.
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { invalidArgument, WeftError } from '@weft/errors';

export interface RegionStatus {
  readonly name: string;
  /** The name of the object, as the client gave it. */
  readonly key: string;
  readonly offset: number;
  readonly byteSize: number;
}

/** A part of a region that holds a tensor. */
export interface RegionPart {
  readonly region: string;
  /** From the region's beginning. */
  readonly offset: number;
  readonly byteSize: number;
}

const mostRegions = 1024;

export class SharedMemory {
  readonly #directory: string;
  readonly #regions = new Map<string, RegionStatus & { readonly file: number }>();

  constructor(directory = '/dev/shm') {
    this.#directory = directory;
  }

  register(region: RegionStatus): void {
    const { name, key, offset, byteSize } = region;
    if (name === '') throw invalidArgument('shared memory region name cannot be empty');
    if (this.#regions.has(name))
      throw new WeftError('ALREADY_EXISTS', `shared memory region '${name}' already in manager`);
    if (this.#regions.size >= mostRegions)
      throw new WeftError('RESOURCE_EXHAUSTED', `more than ${mostRegions} shared memory regions`);
    if (byteSize === 0) throw invalidArgument(`failed to register shared memory region '${name}': its byte size is 0`);
    const file = this.#open(key);
    try {
      // A link was not followed; what else is no plain file has no bytes to hand out.
      const stats = fstatSync(file);
      if (!stats.isFile()) throw unableToOpen(key);
      if (!(offset + byteSize <= stats.size))
        throw invalidArgument(
          `failed to register shared memory region '${name}': it goes beyond the end of its object`,
        );
    } catch (thrown) {
      closeSync(file);
      throw thrown;
    }
    this.#regions.set(name, { name, key, offset, byteSize, file });
  }

  /** An empty name: all. One that is not registered is none to take back. */
  unregister(name: string): void {
    const names = name === '' ? [...this.#regions.keys()] : [name];
    for (const each of names) {
      const region = this.#regions.get(each);
      if (region === undefined) continue;
      this.#regions.delete(each);
      closeSync(region.file);
    }
  }

  /** An empty name: all. Throws NOT_FOUND. */
  status(name: string): RegionStatus[] {
    if (name !== '' && !this.#regions.has(name))
      throw new WeftError('NOT_FOUND', `Unable to find system shared memory region: '${name}'`);
    return [...this.#regions.values()].filter((region) => name === '' || region.name === name);
  }

  /** A copy: the client may write there again as soon as it has its answer. */
  read(part: RegionPart): Buffer {
    const { file, at } = this.#locate(part);
    const bytes = Buffer.allocUnsafeSlow(part.byteSize);
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(file, bytes, done, bytes.length - done, at + done);
      // The object was cut short after its registration.
      if (read === 0) throw invalidArgument(`shared memory region '${part.region}' is shorter than it was registered`);
      done += read;
    }
    return bytes;
  }

  write(part: RegionPart, bytes: Buffer): void {
    const { file, at } = this.#locate(part);
    // Writing would lengthen it again.
    if (fstatSync(file).size < at + bytes.length)
      throw invalidArgument(`shared memory region '${part.region}' is shorter than it was registered`);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, at + done);
  }

  #locate({ region: name, offset, byteSize }: RegionPart): { readonly file: number; readonly at: number } {
    const region = this.#regions.get(name);
    if (region === undefined) throw invalidArgument(`Unable to find shared memory region: '${name}'`);
    if (!(offset + byteSize <= region.byteSize))
      throw invalidArgument(`Invalid offset + byte size for shared memory region: '${name}'`);
    return { file: region.file, at: region.offset + offset };
  }

  #open(key: string): number {
    const name = key.replace(/^\//, '');
    if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name) || Buffer.byteLength(name) > 255)
      throw invalidArgument('a shared memory key is one name, with no slash but a leading one');
    try {
      return openSync(join(this.#directory, name), constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch {
      throw unableToOpen(key);
    }
  }
}

function unableToOpen(key: string): WeftError {
  return invalidArgument(`Unable to open shared memory region: '${key}'`);
}
