import { useQuery } from "@tanstack/react-query";

import { getSightingOptions } from "@/client/@tanstack/react-query.gen";

/** One sighting with its candidates and decisions. That one looked goes on record. */
export function useSighting(sightingId: string) {
  return useQuery(getSightingOptions({ path: { sighting_id: sightingId } }));
}
