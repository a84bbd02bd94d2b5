import { useMutation, useQueryClient } from "@tanstack/react-query";

import { createCameraGroup, deleteCameraGroup } from "@/client/sdk.gen";
import type { CameraGroupIn } from "@/client/types.gen";
import { invalidate } from "@/lib/query";

function useChanged() {
  const cache = useQueryClient();
  return () => invalidate(cache, "listCameraGroups", "listCameras");
}

export function useCreateGroup() {
  const onSettled = useChanged();
  return useMutation({ mutationFn: (body: CameraGroupIn) => createCameraGroup({ body }), onSettled });
}

/** Refused while cameras or rules belong to it. */
export function useDeleteGroup() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: (groupId: string) => deleteCameraGroup({ path: { group_id: groupId } }),
    onSettled,
  });
}
