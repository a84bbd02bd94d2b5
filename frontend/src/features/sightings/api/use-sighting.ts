import { useCallback } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";

import { getSightingOptions } from "@/client/@tanstack/react-query.gen";
import type { SightingOut } from "@/client/types.gen";

/** One sighting with its candidates and decisions. That one looked goes on record. */
export function useSighting(sightingId: string) {
  return useQuery(getSightingOptions({ path: { sighting_id: sightingId } }));
}

/** What has been read of a sighting already; looks at nobody by itself. */
export function useKnownSighting(): (sightingId: string) => SightingOut | undefined {
  const client = useQueryClient();
  return useCallback(
    (sightingId) => client.getQueryData(getSightingOptions({ path: { sighting_id: sightingId } }).queryKey),
    [client],
  );
}
