import { useQuery } from "@tanstack/react-query";

import { listSimilarSightingsOptions } from "@/client/@tanstack/react-query.gen";

const SHOWN = 12;

/** Other sightings of who may be the same person. A search: with a purpose and on record, so only when asked for. */
export function useSimilarSightings(sightingId: string, isAsked: boolean) {
  return useQuery({
    ...listSimilarSightingsOptions({ path: { sighting_id: sightingId }, query: { top_k: SHOWN } }),
    enabled: isAsked,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
