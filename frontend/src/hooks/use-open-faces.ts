import { useQuery } from "@tanstack/react-query";

import { listSightingsOptions } from "@/client/@tanstack/react-query.gen";
import type { SightingOut } from "@/client/types.gen";
import { useAuth } from "@/hooks/use-auth";

const MOST = 50; // faces in one picture that can still be told apart

/** Who is in view of a camera now; events keep it right. */
export function useOpenFaces(cameraId: string, enabled: boolean): SightingOut[] {
  const { hasPermission } = useAuth();
  const { data } = useQuery({
    ...listSightingsOptions({ query: { camera_id: [cameraId], open: true, limit: MOST } }),
    enabled: enabled && hasPermission("read_sightings"),
  });
  return enabled ? (data?.items ?? []) : [];
}
