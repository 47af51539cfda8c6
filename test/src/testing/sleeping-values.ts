// What a sleeping model (sleeping-model.ts) obeys; apart from it, since a worker should not load what authors models.

/** A row of this value kills the process that computes it: the replica, or the worker where that is a process. */
export const poison = -1;
/** A batch with a row of this value never ends. */
export const hang = -2;
/** In a replica's environment: the file that says by what factor it is slower, for each batch anew. */
export const factorVariable = 'SLEEPING_FACTOR';
