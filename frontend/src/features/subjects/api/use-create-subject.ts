import { useMutation } from "@tanstack/react-query";

import { createSubject } from "@/client/sdk.gen";
import type { SubjectIn } from "@/client/types.gen";
import { useIdempotencyKey } from "@/lib/idempotency";

import { useSubjectChanged } from "./use-subject-changed";

export function useCreateSubject() {
  const key = useIdempotencyKey();
  const onSettled = useSubjectChanged();
  return useMutation({
    mutationFn: async (body: SubjectIn) => (await createSubject({ body, headers: key.header() })).data,
    onError: key.renew, // a corrected form is another request
    onSettled,
  });
}
