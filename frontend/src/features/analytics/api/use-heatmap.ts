import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { getHeatmapOptions } from "@/client/@tanstack/react-query.gen";
import type { GetHeatmapData } from "@/client/types.gen";

/** Hours of the week, and hours of the day per camera. */
export function useHeatmap(query: NonNullable<GetHeatmapData["query"]>) {
  return useQuery({ ...getHeatmapOptions({ query }), placeholderData: keepPreviousData });
}
