import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { getSearchOptions, listSearchesInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import type { SearchStatus } from "@/client/types.gen";
import { PAGED } from "@/lib/query";

/** Searches that wait for a second person, or did. No event tells of them: read again when one comes back to them. */
export function useSearches(status: SearchStatus | undefined, mine: boolean) {
  return useInfiniteQuery({
    ...listSearchesInfiniteOptions({ query: { status, mine: mine || undefined, limit: 50 } }),
    ...PAGED,
    staleTime: 0,
    refetchOnWindowFocus: true,
  });
}

/** One search. For whoever asked, it runs and goes on record each time it is read: so once per opening. */
export function useSearch(searchId: string) {
  return useQuery({
    ...getSearchOptions({ path: { search_id: searchId } }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}
