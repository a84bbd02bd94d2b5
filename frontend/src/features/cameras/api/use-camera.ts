import { useQuery } from "@tanstack/react-query";

import { getCameraOptions } from "@/client/@tanstack/react-query.gen";
import { getCamera } from "@/client/sdk.gen";
import { readWithEtag } from "@/lib/etag";

/** One camera and how it is. */
export function useCamera(cameraId: string) {
  return useQuery(getCameraOptions({ path: { camera_id: cameraId } }));
}

/** A camera as it is when a form is opened, with what saving it needs. Not renewed under the form. */
export function useCameraToEdit(cameraId: string) {
  return useQuery({
    queryKey: ["camera to edit", cameraId],
    queryFn: () => readWithEtag(getCamera({ path: { camera_id: cameraId } })),
    staleTime: Infinity,
    gcTime: 0,
  });
}
