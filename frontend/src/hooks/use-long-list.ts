import { useCallback, useEffect, useMemo, useRef } from "react";
import { keepPreviousData, useInfiniteQuery, useQueryClient, type QueryKey } from "@tanstack/react-query";

import { readAgainFrom, readPage, type Held, type Read } from "@/lib/long-list";
import { holds } from "@/lib/packed-page";
import { PAGED } from "@/lib/query";
import { Rows } from "@/lib/rows";

/** So many records on the first page, where events put them, are parted into pages again. */
const CROWDED = 600;

interface Options<T extends { id: string }> {
  /** That of the generated options; must stay the same from one drawing to the next, as must the two functions. */
  queryKey: QueryKey;
  read: Read<T>;
  /** The server's order, for records that events put on the first page; none: they stay as they came. */
  compare?: (one: T, other: T) => number;
}

/** A list of any length, page by page: what is far from sight costs next to nothing, and is read again when seen. */
export function useLongList<T extends { id: string }>({ queryKey, read, compare }: Options<T>) {
  const client = useQueryClient();
  const found = useInfiniteQuery({
    queryKey,
    queryFn: (asked) => readPage(client.getQueryData<Held<T>>(queryKey), asked, read),
    ...PAGED,
    placeholderData: keepPreviousData,
    // Comparing 100,000 records field by field with those of before takes longer than drawing what is in sight.
    structuralSharing: false,
  });
  const { data, fetchNextPage } = found;
  const rows = useMemo(() => Rows.of<T>(data?.pages ?? [], compare), [data, compare]);
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);

  const reading = useRef(new Set<unknown>());
  const readAgain = useCallback(
    async (index: number) => {
      const pageParam = client.getQueryData<Held<T>>(queryKey)?.pageParams[index];
      if (pageParam === undefined || reading.current.has(pageParam)) return;
      reading.current.add(pageParam);
      try {
        await readAgainFrom(client, queryKey, pageParam, read);
      } catch {
        // What is there stays as it was, and marked: whoever looks at it next asks again.
      } finally {
        reading.current.delete(pageParam);
      }
    },
    [client, queryKey, read],
  );

  /** A record may have changed unseen, or its picture's link expired: the page that holds it is read again. */
  const stale = useCallback(
    (id: string) => {
      const index = client.getQueryData<Held<T>>(queryKey)?.pages.findIndex((page) => holds(page, id)) ?? -1;
      if (index >= 0) void readAgain(index);
    },
    [client, queryKey, readAgain],
  );

  const isCrowded = (data?.pages[0]?.items.length ?? 0) > CROWDED;
  useEffect(() => {
    if (isCrowded) void readAgain(0);
  }, [isCrowded, readAgain]);

  return { ...found, rows, more, stale };
}
