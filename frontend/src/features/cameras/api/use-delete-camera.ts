import { useMutation, useQueryClient } from "@tanstack/react-query";

import { deleteCamera } from "@/client/sdk.gen";
import { invalidate } from "@/lib/query";

/** Remove a camera with its login; what it saw stays as long as the retention says. */
export function useDeleteCamera() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (cameraId: string) => deleteCamera({ path: { camera_id: cameraId } }),
    onSuccess: () => invalidate(cache, "listCameras", "getDashboard"),
  });
}
