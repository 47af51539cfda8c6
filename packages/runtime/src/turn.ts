/** A turn of the event loop: the thread hears of messages before it goes on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
