// The files that the event log keeps, by the digest of their content. A file is there whole or not at all.
export interface StoredFile {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly size: number;
}

export interface ArtifactDepot {
  has(file: StoredFile): Promise<boolean>;
  /**
   * Stores a file; nothing of it stays when this rejects. Rejects with DATA_LOSS when the content is not what its digest or size
   * says, RESOURCE_EXHAUSTED when there is no room, UNAVAILABLE when the depot cannot be reached, and with what `content` throws.
   */
  put(file: StoredFile, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** The file's bytes from an offset on, unchecked. Throws NOT_FOUND, or UNAVAILABLE when the depot cannot be reached. */
  get(file: StoredFile, fromByte: number): AsyncIterable<Uint8Array>;
}
