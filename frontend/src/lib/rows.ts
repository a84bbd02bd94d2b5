import { idsOf, PackedPage, type Page } from "@/lib/packed-page";

interface Part<T extends { id: string }> {
  ids: readonly string[];
  items: () => readonly T[];
  isStale: boolean;
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
    for (const { ids } of parts) {
      this.starts.push(length);
      length += ids.length;
    }
    this.length = Math.max(0, length - skipped);
  }

  /**
   * compare: the server's order. Events put new records on top of the first page in the order of their coming, so that
   * one is sorted again. The rest came sorted, and its pages share none: only what the first has is looked for in them.
   */
  static of<T extends { id: string }>(pages: readonly Page<T>[], compare?: (one: T, other: T) => number): Rows<T> {
    const [head, ...others] = pages;
    if (!head) return new Rows<T>([]);
    const first = new Map<string, T>();
    for (const item of head.items) if (!first.has(item.id)) first.set(item.id, item);
    const begin = [...first.values()];
    if (compare) begin.sort(compare);
    const rest = others.map((page): Part<T> => {
      const ids = idsOf(page);
      const isStale = page instanceof PackedPage && page.isStale;
      if (!ids.some((id) => first.has(id))) return { ids, isStale, items: () => page.items };
      const items = () => page.items.filter(({ id }) => !first.has(id));
      return { ids: ids.filter((id) => !first.has(id)), isStale, items };
    });
    return new Rows([{ ids: begin.map(({ id }) => id), isStale: false, items: () => begin }, ...rest]);
  }

  at(index: number): T | undefined {
    const [part, place] = this.find(index);
    return part?.items()[place];
  }

  idAt(index: number): string | undefined {
    const [part, place] = this.find(index);
    return part?.ids[place];
  }

  /** Whether what stands there may have changed unseen. */
  isStale(index: number): boolean {
    return this.find(index)[0]?.isStale ?? false;
  }

  indexOf(id: string): number {
    for (const [number, { ids }] of this.parts.entries()) {
      const place = ids.indexOf(id);
      if (place >= 0) return Math.max(-1, (this.starts[number] ?? 0) + place - this.skipped);
    }
    return -1;
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
    return this.parts.flatMap(({ ids }) => ids).slice(this.skipped);
  }

  those(wanted: ReadonlySet<string>): T[] {
    return this.parts
      .filter(({ ids }) => ids.some((id) => wanted.has(id)))
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
