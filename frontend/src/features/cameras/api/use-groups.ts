import { useMutation, useQueryClient } from "@tanstack/react-query";

import { createCameraGroup, deleteCameraGroup, getCameraGroup, updateCameraGroup } from "@/client/sdk.gen";
import type { CameraGroupIn } from "@/client/types.gen";
import { ifMatch, readWithEtag } from "@/lib/etag";
import { useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

function useChanged() {
  const cache = useQueryClient();
  return () => invalidate(cache, "listCameraGroups", "listCameras");
}

export function useCreateGroup() {
  const onSettled = useChanged();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: (body: CameraGroupIn) => createCameraGroup({ body, headers: key.header() }),
    onError: key.renew,
    onSuccess: () => key.renew(), // the next group
    onSettled,
  });
}

/** Refused while cameras or rules belong to it. */
export function useDeleteGroup() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: (groupId: string) => deleteCameraGroup({ path: { group_id: groupId } }),
    onSettled,
  });
}

/** Give a group another name; its description stays. */
export function useRenameGroup() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async ({ groupId, name }: { groupId: string; name: string }) => {
      const path = { group_id: groupId };
      const { data, etag } = await readWithEtag(getCameraGroup({ path }));
      return updateCameraGroup({ path, body: { name, description: data.description }, headers: ifMatch(etag) });
    },
    onSettled,
  });
}
