import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { listCameraAnalyticsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import type { ListCameraAnalyticsData } from "@/client/types.gen";
import { PAGED } from "@/lib/query";

/** What each camera did over a span. */
export function useCameraAnalytics(query: NonNullable<ListCameraAnalyticsData["query"]>) {
  return useInfiniteQuery({
    ...listCameraAnalyticsInfiniteOptions({ query }),
    ...PAGED,
    placeholderData: keepPreviousData,
  });
}
