import { useMutation, useQueryClient } from "@tanstack/react-query";

import { updateCamera } from "@/client/sdk.gen";
import type { CameraIn } from "@/client/types.gen";
import { ifMatch } from "@/lib/etag";
import { invalidate } from "@/lib/query";

/** Replace a camera's fields; a login that is left out stays. */
export function useUpdateCamera(cameraId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ etag, body }: { etag: string; body: CameraIn }) =>
      updateCamera({ path: { camera_id: cameraId }, body, headers: ifMatch(etag) }),
    onSettled: () => invalidate(cache, "listCameras", "getCamera"),
  });
}
