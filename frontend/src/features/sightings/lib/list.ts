import type { SightingOut } from "@/client/types.gen";

interface Pages {
  items: readonly SightingOut[];
}

/**
 * All pages as one list, each sighting once. Events put new ones on top of the first page in the order of their
 * coming; the server's order is that of first sight, so the first page is sorted again. The rest came sorted, and its
 * pages share none: only what the first page has is looked for in them, since 100,000 are put together at each event.
 */
export function inOrder(pages: readonly Pages[], newestFirst: boolean): SightingOut[] {
  const [head, ...others] = pages;
  if (!head) return [];
  const first = new Map<string, SightingOut>();
  for (const item of head.items) if (!first.has(item.id)) first.set(item.id, item);
  const begin = [...first.values()];
  if (newestFirst) begin.sort(newerFirst);
  const rest = others.map(({ items }) =>
    items.some(({ id }) => first.has(id)) ? items.filter(({ id }) => !first.has(id)) : items,
  );
  return begin.concat(...rest);
}

function newerFirst(one: SightingOut, other: SightingOut): number {
  return Date.parse(other.detected_at) - Date.parse(one.detected_at) || (one.id < other.id ? 1 : -1);
}

/** Where the list begins while somebody reads further down: what came above the first one of then is kept back. */
export function keptBack(items: readonly SightingOut[], first: string | null): number {
  if (first === null) return 0;
  return Math.max(
    0,
    items.findIndex(({ id }) => id === first),
  );
}

/** Where j (1) and k (-1) lead; without a place, to the first one. */
export function neighbour(ids: readonly string[], current: string | null, step: number): string | null {
  const at = current === null ? -1 : ids.indexOf(current);
  if (at < 0) return ids[0] ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
}

/** "This is them" for several: per person the sightings in which recognition named them; the rest names nobody. */
export function byPerson(items: readonly SightingOut[]): { people: Map<string, string[]>; nameless: string[] } {
  const people = new Map<string, string[]>();
  const nameless: string[] = [];
  for (const { id, subject_id } of items) {
    if (subject_id === null) nameless.push(id);
    else people.set(subject_id, [...(people.get(subject_id) ?? []), id]);
  }
  return { people, nameless };
}
