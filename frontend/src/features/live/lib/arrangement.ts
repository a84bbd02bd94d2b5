import { z } from "zod";

export const MOST_TILES = 64;
export const MOST_COLUMNS = 8;

/** What a saved layout of the live view keeps. */
const content = z.object({
  cameras: z.array(z.string()).max(MOST_TILES).catch([]),
  columns: z.int().min(0).max(MOST_COLUMNS).catch(0),
  overlay: z.boolean().catch(false),
});
/** cameras: in their order, none: all; columns 0: as many as fit. */
export type Arrangement = z.output<typeof content>;

export function arrangementOf(kept: unknown): Arrangement {
  const found = content.safeParse(kept);
  return found.success ? found.data : { cameras: [], columns: 0, overlay: false };
}

export function isSame(one: Arrangement, other: Arrangement): boolean {
  return JSON.stringify(content.parse(one)) === JSON.stringify(content.parse(other));
}

/** Another place for one of the list. */
export function moved(ids: string[], from: string, to: string): string[] {
  const [at, target] = [ids.indexOf(from), ids.indexOf(to)];
  return at < 0 || target < 0 ? ids : ids.toSpliced(at, 1).toSpliced(target, 0, from);
}

export const GAP = 8;
const SMALLEST = 260; // px: below that a face in a tile is no more than a few pixels

/** As many columns as show all tiles largest without scrolling; where none does, as many as are still readable. */
export function columnsFor(count: number, width: number, height: number): number {
  const most = Math.max(1, Math.min(MOST_COLUMNS, count, Math.floor((width + GAP) / (SMALLEST + GAP))));
  for (let columns = 1; columns < most; columns += 1) {
    const tile = (width - GAP * (columns - 1)) / columns;
    const rows = Math.ceil(count / columns);
    if ((rows * (tile * 9)) / 16 + GAP * (rows - 1) <= height) return columns;
  }
  return most;
}
