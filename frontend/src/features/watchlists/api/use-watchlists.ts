import { useInfiniteQuery } from "@tanstack/react-query";

import { listWatchlistsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import type { ListWatchlistsData } from "@/client/types.gen";
import { PAGED } from "@/lib/query";

const PAGE = 100;

/** Watchlists, page by page. */
export function useWatchlists(query: NonNullable<ListWatchlistsData["query"]>) {
  return useInfiniteQuery({ ...listWatchlistsInfiniteOptions({ query: { ...query, limit: PAGE } }), ...PAGED });
}
