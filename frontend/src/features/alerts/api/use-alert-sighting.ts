import { useQuery } from "@tanstack/react-query";

import { getSightingOptions } from "@/client/@tanstack/react-query.gen";
import { useAuth } from "@/hooks/use-auth";

const LINKS_LIVE_MS = 4 * 60_000;

/** The sighting that raised it, with fresh links to its pictures. */
export function useAlertSighting(sightingId: string | null) {
  const { hasPermission } = useAuth();
  return useQuery({
    ...getSightingOptions({ path: { sighting_id: sightingId ?? "" } }),
    enabled: sightingId !== null && hasPermission("read_sightings"),
    staleTime: LINKS_LIVE_MS,
  });
}
