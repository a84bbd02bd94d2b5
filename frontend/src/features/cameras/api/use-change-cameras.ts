import { useMutation, useQueryClient } from "@tanstack/react-query";

import { changeCameras, disableCamera, enableCamera } from "@/client/sdk.gen";
import type { CameraBulkIn } from "@/client/types.gen";
import { invalidate } from "@/lib/query";

function useChanged() {
  const cache = useQueryClient();
  return () => invalidate(cache, "listCameras", "getCamera", "listCameraGroups", "getDashboard");
}

/** The same with several; each stands alone. */
export function useChangeCameras() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async (body: CameraBulkIn) => (await changeCameras({ body })).data.items,
    onSettled,
  });
}

/** Watch a camera, or leave it alone; operators may too. */
export function useSwitchCamera() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: ({ cameraId, isOn }: { cameraId: string; isOn: boolean }) =>
      (isOn ? enableCamera : disableCamera)({ path: { camera_id: cameraId } }),
    onSettled,
  });
}
