import { useQuery } from "@tanstack/react-query";

import { listAlertsOptions } from "@/client/@tanstack/react-query.gen";
import type { SightingOut } from "@/client/types.gen";
import { useAuth } from "@/hooks/use-auth";

/** Alerts of one camera are read from the sighting on: its own are among the first. */
const READ = 50;

export function useSightingAlerts(sighting: SightingOut) {
  const { hasPermission } = useAuth();
  const { data } = useQuery({
    ...listAlertsOptions({
      query: { camera_id: sighting.camera_id, since: sighting.detected_at, sort: "created_at", limit: READ },
    }),
    enabled: hasPermission("read_alerts"),
  });
  return data?.items.filter(({ sighting_id }) => sighting_id === sighting.id) ?? [];
}
