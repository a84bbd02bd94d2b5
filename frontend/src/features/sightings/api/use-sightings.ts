import { useCallback, useMemo, useRef } from "react";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";

import { listSightingsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import { listSightings } from "@/client/sdk.gen";
import { freshened } from "@/lib/fresh-pages";
import { PAGED } from "@/lib/query";

import type { Query } from "../lib/address";
import { inOrder } from "../lib/list";

/** As many as the API gives at once. */
const PAGE = 200;

/** Who was seen, page by page. Events put new ones on top and change those that are there. */
export function useSightings(query: Query) {
  const client = useQueryClient();
  const reading = useRef(new Set<string>());
  const asked = useMemo(() => ({ ...query, limit: PAGE }), [query]);
  const options = listSightingsInfiniteOptions({ query: asked });
  const found = useInfiniteQuery({
    ...options,
    ...PAGED,
    placeholderData: keepPreviousData,
    // Comparing 100,000 rows field by field with those of before takes longer than drawing what is in sight.
    structuralSharing: false,
  });
  const { data, fetchNextPage } = found;
  const newestFirst = query.sort !== "detected_at";
  const items = useMemo(() => inOrder(data?.pages ?? [], newestFirst), [data, newestFirst]);
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);

  /** Links to pictures have expired: read the page of this sighting again, and no other of maybe hundreds. */
  const stale = useCallback(
    async (id: string) => {
      const { queryKey } = listSightingsInfiniteOptions({ query: asked });
      const held = client.getQueryData(queryKey);
      const index = held?.pages.findIndex((page) => page.items.some((item) => item.id === id)) ?? -1;
      const param = held?.pageParams[index];
      const cursor = typeof param === "string" ? param : undefined;
      if (!held || index < 0 || reading.current.has(cursor ?? "")) return;
      reading.current.add(cursor ?? "");
      try {
        const { data: page } = await listSightings({ query: { ...asked, cursor } });
        client.setQueryData(queryKey, (old) => old && { ...old, pages: freshened(old.pages, page.items) });
      } catch {
        // Pictures stay away as they did, and what else is there stays good; the next one that fails asks again.
      } finally {
        reading.current.delete(cursor ?? "");
      }
    },
    [client, asked],
  );
  return { ...found, items, more, stale };
}
