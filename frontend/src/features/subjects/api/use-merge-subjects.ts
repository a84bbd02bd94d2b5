import { useMutation } from "@tanstack/react-query";

import { mergeSubjects } from "@/client/sdk.gen";
import type { SubjectMergeIn } from "@/client/types.gen";
import { useIdempotencyKey } from "@/lib/idempotency";

import { useSubjectChanged } from "./use-subject-changed";

/** Two entries are one person. */
export function useMergeSubjects() {
  const key = useIdempotencyKey();
  const onSettled = useSubjectChanged();
  return useMutation({
    mutationFn: ({ keptId, ...body }: SubjectMergeIn & { keptId: string }) =>
      mergeSubjects({ path: { subject_id: keptId }, body, headers: key.header() }),
    onError: key.renew,
    onSettled,
  });
}
