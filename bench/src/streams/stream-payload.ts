// A message of the bench of streams, and what its answer holds beside numbers: both about as large as a token with its trimmings.

export const answerText = 'x'.repeat(64);
