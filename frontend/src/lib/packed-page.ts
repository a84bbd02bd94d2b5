/** A page of a list as a query's cache holds it. */
export interface Page<T extends { id: string }> {
  items: T[];
  next?: string | null;
}

/** So many pages are kept unpacked: what is in sight, and more than one scrolls over at once. */
const UNPACKED = 16;
const unpacked = new Map<object, unknown[]>();

/**
 * A page of a long list, kept as text. 100,000 records as objects are some million parts that the browser's garbage
 * collector walks over while somebody scrolls; as text they are as many as there are pages.
 * Records come out as the same objects for as long as the page is among those last looked at.
 */
export class PackedPage<T extends { id: string }> implements Page<T> {
  private constructor(
    readonly length: number,
    /** All ids, each between spaces: whether one is among them is asked of all pages at each event. */
    private readonly idText: string,
    private readonly text: string,
    readonly next: string | null,
    /** Something of it may have changed unseen: to be read again once it is in sight. */
    readonly isStale: boolean,
  ) {}

  static of<T extends { id: string }>({ items, next }: Page<T>): PackedPage<T> {
    const ids = items.map(({ id }) => id).join(" ");
    return new PackedPage(items.length, ` ${ids} `, JSON.stringify(items), next ?? null, false);
  }

  get items(): T[] {
    const items = (unpacked.get(this) as T[] | undefined) ?? (JSON.parse(this.text) as T[]);
    unpacked.delete(this);
    unpacked.set(this, items);
    const [oldest] = unpacked.keys();
    if (unpacked.size > UNPACKED && oldest) unpacked.delete(oldest);
    return items;
  }

  get ids(): string[] {
    return this.length === 0 ? [] : this.idText.trim().split(" ");
  }

  holds(id: string): boolean {
    return this.idText.includes(` ${id} `);
  }

  stale(): PackedPage<T> {
    if (this.isStale) return this;
    const page = new PackedPage<T>(this.length, this.idText, this.text, this.next, true);
    // What is in sight stays the same objects, so that nothing is drawn again for this alone.
    const items = unpacked.get(this);
    if (items) unpacked.set(page, items);
    return page;
  }
}

export function idsOf<T extends { id: string }>(page: Page<T>): readonly string[] {
  return page instanceof PackedPage ? page.ids : page.items.map(({ id }) => id);
}

export function holds<T extends { id: string }>(page: Page<T>, id: string): boolean {
  return page instanceof PackedPage ? page.holds(id) : page.items.some((item) => item.id === id);
}

/** The same page with other records, packed if it was. */
export function withItems<T extends { id: string }>(page: Page<T>, items: T[]): Page<T> {
  return page instanceof PackedPage ? PackedPage.of({ items, next: page.next }) : { ...page, items };
}
