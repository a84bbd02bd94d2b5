import { useMutation, useQueryClient } from "@tanstack/react-query";

import { createCamera } from "@/client/sdk.gen";
import type { CameraIn } from "@/client/types.gen";
import { useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

/** Add a camera; it is watched within two seconds. */
export function useCreateCamera() {
  const cache = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async (body: CameraIn) => (await createCamera({ body, headers: key.header() })).data,
    onError: key.renew, // a corrected form is another request
    onSettled: () => invalidate(cache, "listCameras", "getDashboard"),
  });
}
