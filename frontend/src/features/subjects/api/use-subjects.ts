import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { listSubjectsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import type { ListSubjectsData } from "@/client/types.gen";
import { PAGED } from "@/lib/query";

const PAGE = 100;

/** People on file, page by page, with their number. What was there stays while somebody types. */
export function useSubjects(query: NonNullable<ListSubjectsData["query"]>) {
  return useInfiniteQuery({
    ...listSubjectsInfiniteOptions({ query: { ...query, limit: PAGE, total: true } }),
    ...PAGED,
    placeholderData: keepPreviousData,
  });
}
