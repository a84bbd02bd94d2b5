import { useCallback, useMemo } from "react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { listSightingsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import { listSightings } from "@/client/sdk.gen";
import { useStalePages } from "@/hooks/use-stale-pages";
import { PAGED } from "@/lib/query";

import type { Query } from "../lib/address";
import { inOrder } from "../lib/list";

/** As many as the API gives at once. */
const PAGE = 200;

/** Who was seen, page by page. Events put new ones on top and change those that are there. */
export function useSightings(query: Query) {
  const asked = useMemo(() => ({ ...query, limit: PAGE }), [query]);
  const options = useMemo(() => listSightingsInfiniteOptions({ query: asked }), [asked]);
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

  const { queryKey } = options;
  const read = useCallback(
    async (cursor: string | undefined) => (await listSightings({ query: { ...asked, cursor } })).data,
    [asked],
  );
  const stale = useStalePages(queryKey, read);
  return { ...found, items, more, stale };
}
