// Starting what consists of many parts: where one of them cannot start, those before it are ended, so that nothing listens, dials or
// keeps the process alive for a service that there is not.

/** Remembers how to end what was just begun, in case something after it fails. */
export type OnFailure = (end: () => unknown) => void;

/** What `start` makes; when it fails, ends what it had begun, last first, and rejects with that failure. */
export async function allOrNothing<Started>(start: (onFailure: OnFailure) => Promise<Started>): Promise<Started> {
  const ends: (() => unknown)[] = [];
  try {
    return await start((end) => void ends.unshift(end));
  } catch (thrown) {
    // One that cannot be ended keeps the others from it no more than from telling why there was no start.
    for (const end of ends) await Promise.allSettled([(async () => end())()]);
    throw thrown;
  }
}
