// What a router has of the replicas of a model version, from what each of them says: which part of the rows that came lately are
// its own, and how many other routers there are.
import type { Sharing } from '@weft/flow';
import type { Sharing as ToldSharing } from '@weft/rpc';

/** `told` is undefined for a replica with which no other router works; the result when that is so of all. */
export function sharingOf(told: readonly (ToldSharing | undefined)[]): Sharing | undefined {
  if (told.every((one) => one === undefined)) return undefined;
  let [rowsPart, timePart] = [0, 0];
  for (const one of told) {
    const { routers, rows, allRows } = one ?? alone;
    // Who has sent nothing lately may begin at any time.
    const part = (rows + 1) / (allRows + routers);
    rowsPart += part / told.length;
    // Who sends little is not kept from sending as much as the others.
    timePart += Math.max(part, 1 / routers) / told.length;
  }
  return { rowsPart, timePart };
}

const alone = { routers: 1, rows: 0, allRows: 0 };
