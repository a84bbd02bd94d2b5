import { useMutation } from "@tanstack/react-query";

import { addSubjectImage } from "@/client/sdk.gen";
import { newKey } from "@/lib/idempotency";

import { useSubjectChanged } from "./use-subject-changed";

interface Upload {
  file: File;
  /** Enrol although somebody else looks the same. */
  isAllowed?: boolean;
}

/** Enrols a picture. */
export function useUploadImage(subjectId: string) {
  const onSuccess = useSubjectChanged();
  return useMutation({
    mutationFn: async ({ file, isAllowed = false }: Upload) => {
      const headers = { "Idempotency-Key": newKey() };
      const query = { allow_resembling: isAllowed };
      return (await addSubjectImage({ path: { subject_id: subjectId }, body: { file }, query, headers })).data;
    },
    onSuccess,
  });
}
