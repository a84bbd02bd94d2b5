import { idsOf, PackedPage, type Page } from "@/lib/packed-page";

interface Part<T extends { id: string }> {
  length: number;
  ids: () => readonly string[];
  items: () => readonly T[];
  holds: (id: string) => boolean;
  isStale: boolean;
}

function partOf<T extends { id: string }>(items: readonly T[]): Part<T> {
  const ids = items.map(({ id }) => id);
  return { length: ids.length, ids: () => ids, items: () => items, holds: (id) => ids.includes(id), isStale: false };
}

function packedPart<T extends { id: string }>(page: Page<T>): Part<T> {
  if (!(page instanceof PackedPage)) return partOf(page.items);
  const { length, isStale } = page;
  return { length, ids: () => page.ids, items: () => page.items, holds: (id) => page.holds(id), isStale };
}

/** The records of many pages as one list, each once; of packed pages only those that are asked for come out. */
export class Rows<T extends { id: string }> {
  readonly length: number;
  /** Where each part begins. */
  private readonly starts: number[] = [];

  private constructor(
    private readonly parts: readonly Part<T>[],
    /** So many of the first ones are left out. */
    private readonly skipped = 0,
  ) {
    let length = 0;
    for (const part of parts) {
      this.starts.push(length);
      length += part.length;
    }
    this.length = Math.max(0, length - skipped);
  }

  /**
   * compare: the server's order. Events put new records on top of the first page in the order of their coming, so that
   * one is sorted again. The rest came sorted, and its pages share none; the first and the second may, where a record
   * moved from one to the other.
   */
  static of<T extends { id: string }>(pages: readonly Page<T>[], compare?: (one: T, other: T) => number): Rows<T> {
    const [head, second, ...others] = pages;
    if (!head) return new Rows<T>([]);
    const first = new Map<string, T>();
    for (const item of head.items) if (!first.has(item.id)) first.set(item.id, item);
    const begin = [...first.values()];
    if (compare) begin.sort(compare);
    const next = second ? [withoutThose(packedPart(second), first)] : [];
    return new Rows([partOf(begin), ...next, ...others.map(packedPart)]);
  }

  at(index: number): T | undefined {
    const [part, place] = this.find(index);
    return part?.items()[place];
  }

  idAt(index: number): string | undefined {
    return this.at(index)?.id;
  }

  /** Whether what stands there may have changed unseen. */
  isStale(index: number): boolean {
    return this.find(index)[0]?.isStale ?? false;
  }

  indexOf(id: string): number {
    const number = this.parts.findIndex((part) => part.holds(id));
    const place = this.parts[number]?.ids().indexOf(id);
    return place === undefined ? -1 : Math.max(-1, (this.starts[number] ?? 0) + place - this.skipped);
  }

  slice(from: number, to: number): T[] {
    const items: T[] = [];
    for (let index = from; index < Math.min(to, this.length); index += 1) {
      const item = this.at(index);
      if (item) items.push(item);
    }
    return items;
  }

  ids(): string[] {
    return this.parts.flatMap(({ ids }) => ids()).slice(this.skipped);
  }

  those(wanted: ReadonlySet<string>): T[] {
    return this.parts
      .filter(({ ids }) => ids().some((id) => wanted.has(id)))
      .flatMap(({ items }) => items().filter(({ id }) => wanted.has(id)));
  }

  /** All but the first ones. */
  from(skipped: number): Rows<T> {
    return skipped === 0 ? this : new Rows(this.parts, this.skipped + skipped);
  }

  private find(index: number): [Part<T> | undefined, number] {
    const place = index + this.skipped;
    if (index < 0 || index >= this.length) return [undefined, 0];
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return [this.parts[low], place - (this.starts[low] ?? 0)];
  }
}

function withoutThose<T extends { id: string }>(part: Part<T>, those: ReadonlyMap<string, T>): Part<T> {
  if (!part.ids().some((id) => those.has(id))) return part;
  return { ...partOf(part.items().filter(({ id }) => !those.has(id))), isStale: part.isStale };
}

interface Known<T extends { id: string }> {
  page: Page<T>;
  cursor: string;
}

/**
 * A page that was read, cut off where pages begin that are known already, and led on to them: pages are read again from
 * some place on until they meet what is there. Null where this one meets none.
 */
export function joined<T extends { id: string }>(read: Page<T>, known: readonly Known<T>[]): Page<T> | null {
  if (known.some(({ cursor }) => cursor === read.next)) return read;
  const places = new Map(read.items.map(({ id }, place) => [id, place]));
  for (const { page, cursor } of known) {
    const meets = idsOf(page).flatMap((id) => places.get(id) ?? []);
    if (meets.length > 0) return { items: read.items.slice(0, Math.min(...meets)), next: cursor };
  }
  return null;
}
