import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";

import { PackedPage, withItems, type Page } from "@/lib/packed-page";
import { joined } from "@/lib/rows";

/** What a query of a long list holds: its first page as records, all others packed. */
export type Held<T extends { id: string }> = InfiniteData<Page<T>, unknown>;
export type Read<T> = (
  cursor: string | undefined,
  signal?: AbortSignal,
) => Promise<{ items: T[]; next?: string | null }>;

/** So many pages are read from the top in one go until one meets what is known; what is further is read one by one. */
const MET_WITHIN = 5;

/**
 * A page for TanStack Query. When all are to be read again, only the first is, on to where it meets those that are
 * there: these are marked, to be read when they are looked at. Else a list of 100,000 would be 500 requests.
 */
export async function readPage<T extends { id: string }>(
  held: Held<T> | undefined,
  // Each look at the signal has TanStack Query listen to it once more: only what is read needs it.
  asked: { pageParam: unknown; readonly signal: AbortSignal },
  read: Read<T>,
): Promise<Page<T>> {
  const cursor = cursorOf(asked.pageParam);
  const known = held?.pages[cursor === undefined ? -1 : held.pageParams.indexOf(cursor)];
  if (known instanceof PackedPage) return known.stale();
  const later = held ? knownAfter(held, 0) : [];
  if (cursor !== undefined) {
    const page = await read(cursor, asked.signal);
    return PackedPage.of(joined(page, later) ?? page);
  }
  const pages = await readOn(read, undefined, later, held ? MET_WITHIN : 1, asked.signal);
  return { items: pages.flatMap(({ page }) => page.items), next: pages.at(-1)?.page.next ?? null };
}

/** Read one of the pages again, and what may have come between it and the next one that is there. */
export async function readAgainFrom<T extends { id: string }>(
  client: QueryClient,
  queryKey: QueryKey,
  pageParam: unknown,
  read: Read<T>,
): Promise<void> {
  const held = client.getQueryData<Held<T>>(queryKey);
  const from = held?.pageParams.indexOf(pageParam) ?? -1;
  if (!held || from < 0) return;
  const fresh = await readOn(read, cursorOf(pageParam), knownAfter(held, from), held.pages.length + MET_WITHIN);
  client.setQueryData<Held<T>>(queryKey, (old) => {
    const at = old?.pageParams.indexOf(pageParam) ?? -1;
    if (!old || at < 0) return old;
    const met = old.pageParams.indexOf(fresh.at(-1)?.page.next);
    const end = met > at ? met : old.pages.length;
    const pages = fresh.map(({ page }, number) => (at + number === 0 ? page : PackedPage.of(page)));
    const [first, ...others] = pages;
    const came = first && at === 0 ? cameMeanwhile(held.pages[0], old.pages[0]) : [];
    return {
      pages: [...old.pages.slice(0, at), ...(first ? [put(first, came)] : []), ...others, ...old.pages.slice(end)],
      pageParams: [
        ...old.pageParams.slice(0, at),
        pageParam,
        ...fresh.slice(1).map(({ cursor }) => cursor),
        ...old.pageParams.slice(end),
      ],
    };
  });
}

async function readOn<T extends { id: string }>(
  read: Read<T>,
  from: string | undefined,
  later: ReturnType<typeof knownAfter<T>>,
  most: number,
  signal?: AbortSignal,
): Promise<{ page: Page<T>; cursor: string | undefined }[]> {
  const pages: { page: Page<T>; cursor: string | undefined }[] = [];
  let cursor = from;
  do {
    // oxlint-disable-next-line no-await-in-loop -- each page says where the next begins
    const page = await read(cursor, signal);
    const met = joined(page, later);
    pages.push({ page: met ?? page, cursor });
    if (met) break;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && pages.length < most);
  return pages;
}

function knownAfter<T extends { id: string }>(held: Held<T>, index: number) {
  return held.pages.flatMap((page, number) => {
    const cursor = number > index ? cursorOf(held.pageParams[number]) : undefined;
    return cursor === undefined ? [] : [{ page, cursor }];
  });
}

/** What events put on the first page or changed on it while it was being read. */
function cameMeanwhile<T extends { id: string }>(before: Page<T> | undefined, now: Page<T> | undefined): T[] {
  const then = new Set(before?.items);
  return now?.items.filter((item) => !then.has(item)) ?? [];
}

function put<T extends { id: string }>(page: Page<T>, came: T[]): Page<T> {
  if (came.length === 0) return page;
  const ids = new Set(came.map(({ id }) => id));
  return withItems(page, [...came, ...page.items.filter(({ id }) => !ids.has(id))]);
}

/** The first page is asked for without a cursor. */
function cursorOf(pageParam: unknown): string | undefined {
  return typeof pageParam === "string" ? pageParam : undefined;
}
