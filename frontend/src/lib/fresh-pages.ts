/** The same pages with what was just read of some rows: links to their pictures that are good again. */
export function freshened<T extends { id: string }, P extends { items: readonly T[] }>(
  pages: readonly P[],
  read: readonly NoInfer<T>[],
): P[] {
  const fresh = new Map(read.map((item) => [item.id, item]));
  return pages.map((page) =>
    page.items.some(({ id }) => fresh.has(id))
      ? { ...page, items: page.items.map((item) => fresh.get(item.id) ?? item) }
      : page,
  );
}
