// Sequences that are decoded in one run. Rows of a group have similar lengths, since each costs as much as the longest; of a model
// that knows no padding, the same length. Groups become one as soon as they are similar enough.
import { freeMemory } from '@weft/tensor';
import { type Cache, type CachePart, gatherRows, spareColumns, withoutRow } from './cache.ts';

export interface RowGroup<Member> {
  readonly cache: Cache;
  /** One for each row of the cache. */
  readonly members: readonly Member[];
}

export interface Grouping {
  readonly layout: readonly CachePart[];
  /** Whether rows of one group may differ in length. */
  readonly padded: boolean;
  /** Columns that the model stands. */
  readonly maxContext: number;
}

export interface Merged<Member> {
  readonly groups: readonly RowGroup<Member>[];
  /** Newcomers that could not join, most likely for want of memory. */
  readonly refused: readonly { readonly group: RowGroup<Member>; readonly cause: unknown }[];
}

/** So much longer than the shortest row, and this many tokens more, the longest row of a group may be. */
const [mostTimes, mostBeyond] = [2, 64];
/** Padding that no row needs is cut off beyond this share of the columns, and this many of them. */
const [spareShare, fewestSpare] = [0.25, 16];

/**
 * All members in as few groups as may be, each with room for the next column. A group that changes takes the old one's memory over; where
 * that fails, running groups stay as they were.
 */
export function mergeGroups<Member>(
  running: readonly RowGroup<Member>[],
  newcomers: readonly RowGroup<Member>[],
  grouping: Grouping,
): Merged<Member> {
  // Most steps: whoever is alone would be a hundredth slower.
  if (newcomers.length === 0 && running.length <= 1 && running.every((group) => isNarrow(group.cache, grouping)))
    return { groups: running, refused: [] };
  const groups: RowGroup<Member>[] = [];
  const refused: { group: RowGroup<Member>; cause: unknown }[] = [];
  for (const set of similarGroups([...running, ...newcomers], grouping.padded)) {
    try {
      groups.push(joined(set, grouping));
    } catch (cause) {
      for (const group of set)
        if (newcomers.includes(group)) refused.push({ group, cause });
        else groups.push(group);
    }
  }
  return { groups, refused };
}

function similarGroups<Member>(groups: readonly RowGroup<Member>[], padded: boolean): RowGroup<Member>[][] {
  const sets: { readonly groups: RowGroup<Member>[]; shortest: number; longest: number }[] = [];
  for (const group of groups) {
    const [shortest, longest] = [Math.min(...group.cache.lengths), Math.max(...group.cache.lengths)];
    const set = sets.find((one) => similar(Math.min(shortest, one.shortest), Math.max(longest, one.longest), padded));
    if (set === undefined) sets.push({ groups: [group], shortest, longest });
    else {
      set.groups.push(group);
      set.shortest = Math.min(set.shortest, shortest);
      set.longest = Math.max(set.longest, longest);
    }
  }
  return sets.map((set) => set.groups);
}

function similar(shortest: number, longest: number, padded: boolean): boolean {
  return padded ? longest <= mostTimes * shortest + mostBeyond : longest === shortest;
}

function joined<Member>(groups: readonly RowGroup<Member>[], grouping: Grouping): RowGroup<Member> {
  const [only] = groups;
  if (only !== undefined && groups.length === 1 && isNarrow(only.cache, grouping)) return only;
  const cache = gatherRows(
    grouping.layout,
    groups.flatMap((group) => group.cache.lengths.map((_, row) => ({ cache: group.cache, row }))),
  );
  freeMemory(groups.flatMap((group) => group.cache.parts));
  return { cache, members: groups.flatMap(({ members }) => members) };
}

/** Columns that only rows needed that have left cost time, and models with a mask of fixed size stand no more than their context. */
function isNarrow(cache: Cache, { maxContext }: Grouping): boolean {
  const spare = spareColumns(cache);
  return spare <= Math.max(fewestSpare, spareShare * cache.columns) && (spare === 0 || cache.columns < maxContext);
}

/** The group without those that are over; undefined when none is left. It takes the old one's memory over. */
export function withoutMembers<Member>(
  group: RowGroup<Member>,
  isOver: (member: Member) => boolean,
): RowGroup<Member> | undefined {
  if (!group.members.some(isOver)) return group;
  if (group.members.every(isOver)) {
    freeMemory(group.cache.parts);
    return undefined;
  }
  let { cache } = group;
  const members = [...group.members];
  // From the end, so that the row that fills the hole is one that stays.
  for (let row = members.length - 1; row >= 0; row--) {
    if (!isOver(members[row] as Member)) continue;
    cache = withoutRow(cache, row);
    members[row] = members.at(-1) as Member;
    members.pop();
  }
  return { cache, members };
}
