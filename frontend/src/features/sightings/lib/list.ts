import type { SightingOut } from "@/client/types.gen";
import type { Rows } from "@/lib/rows";

/** The server's order: that of first sight. */
export function newerFirst(one: SightingOut, other: SightingOut): number {
  return Date.parse(other.detected_at) - Date.parse(one.detected_at) || (one.id < other.id ? 1 : -1);
}

/** Where j (1) and k (-1) lead; without a place, to the first one. */
export function neighbour(rows: Rows<SightingOut>, current: string | null, step: number): string | null {
  const at = current === null ? -1 : rows.indexOf(current);
  return rows.idAt(at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))) ?? null;
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
