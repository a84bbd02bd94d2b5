import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { getTrendsOptions } from "@/client/@tanstack/react-query.gen";
import type { GetTrendsData } from "@/client/types.gen";

/** A series of one metric. */
export function useTrends(query: NonNullable<GetTrendsData["query"]>) {
  return useQuery({ ...getTrendsOptions({ query }), placeholderData: keepPreviousData });
}
