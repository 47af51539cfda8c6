// What a follower throws is its own mistake: it surfaces as uncaught, and the log goes on.
export function tell(hear: () => void): void {
  try {
    hear();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
