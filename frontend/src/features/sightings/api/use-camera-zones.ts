import { useQuery } from "@tanstack/react-query";

import { getCameraOptions, listCamerasOptions } from "@/client/@tanstack/react-query.gen";
import { useAuth } from "@/hooks/use-auth";

/** The zones that the clocks of cameras are in. */
export function useCameraZones(): ReadonlyMap<string, string> {
  const { hasPermission } = useAuth();
  const { data } = useQuery({
    ...listCamerasOptions({ query: { limit: 200 } }),
    enabled: hasPermission("read_cameras"),
    select: (page) => new Map(page.items.map(({ id, time_zone }) => [id, time_zone])),
  });
  return data ?? NONE;
}

const NONE: ReadonlyMap<string, string> = new Map();

export function useCamera(cameraId: string) {
  const { hasPermission } = useAuth();
  return useQuery({
    ...getCameraOptions({ path: { camera_id: cameraId } }),
    enabled: hasPermission("read_cameras"),
  });
}
