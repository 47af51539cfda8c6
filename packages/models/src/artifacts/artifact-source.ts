// Where the bytes of a model's file come from: one interface, one small file for each scheme. A source checks that it may be
// asked at all; digests and sizes are checked by whoever reads (download.ts).
export interface SourceRequest {
  /** With its scheme; empty for the event log's own artifacts. */
  readonly reference: string;
  /** What the file is known to be, where it is known. */
  readonly sha256: string | undefined;
  readonly size: number | undefined;
  readonly fromByte: number;
  /** The edition that the bytes before `fromByte` were of. */
  readonly edition: string | undefined;
  readonly signal: AbortSignal;
}

export interface OpenedFile {
  /** `fromByte`, or 0 where the source cannot go on from there: what was read before is void. */
  readonly startsAt: number;
  /** Of the whole file, as far as the source says. */
  readonly size: number | undefined;
  readonly sha256: string | undefined;
  /** What the source calls this content (an ETag, a commit): another one means other bytes. */
  readonly edition: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** For whoever does not read to the end. */
  close(): void;
}

export interface ArtifactSource {
  /**
   * Rejects with PERMISSION_DENIED for what may not be read, NOT_FOUND, INVALID_ARGUMENT for a reference that cannot be meant, and
   * UNAVAILABLE where trying again may help; so do the bytes.
   */
  open(request: SourceRequest): Promise<OpenedFile>;
}
