import { useMutation, useQuery } from "@tanstack/react-query";

import { getErasureOptions } from "@/client/@tanstack/react-query.gen";
import { eraseSubjectWithReason, verifyReceipt } from "@/client/sdk.gen";
import type { ErasureIn } from "@/client/types.gen";
import { useIdempotencyKey } from "@/lib/idempotency";

import { useSubjectChanged } from "./use-subject-changed";

const ASKED_AGAIN_MS = 2000;

/** Erases a person for good. */
export function useDeleteSubject() {
  const key = useIdempotencyKey();
  const onSettled = useSubjectChanged();
  return useMutation({
    mutationFn: async ({ subjectId, ...body }: ErasureIn & { subjectId: string }) =>
      (await eraseSubjectWithReason({ path: { subject_id: subjectId }, body, headers: key.header() })).data,
    onError: key.renew,
    onSettled,
  });
}

/** An erasure with its receipt. No event tells that the last file is gone, so it is asked for until then. */
export function useErasure(erasureId: string) {
  return useQuery({
    ...getErasureOptions({ path: { erasure_id: erasureId } }),
    refetchInterval: ({ state }) => (state.data && !state.data.receipt ? ASKED_AGAIN_MS : false),
  });
}

export function useVerifyReceipt() {
  return useMutation({ mutationFn: async (receipt: string) => (await verifyReceipt({ body: { receipt } })).data });
}
