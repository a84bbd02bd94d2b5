import { useQuery } from "@tanstack/react-query";

import { getCameraOptions } from "@/client/@tanstack/react-query.gen";

/** Its camera, for the zone that its clock is in. */
export function useAlertCamera(cameraId: string) {
  return useQuery(getCameraOptions({ path: { camera_id: cameraId } }));
}
