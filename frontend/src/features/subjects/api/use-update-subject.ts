import { useMutation, useQuery } from "@tanstack/react-query";

import { getSubject, updateSubject } from "@/client/sdk.gen";
import type { SubjectIn } from "@/client/types.gen";
import { ifMatch, readWithEtag } from "@/lib/etag";

import { useSubjectChanged } from "./use-subject-changed";

/** A person as on file now, with what a change needs. */
export function useEditedSubject(subjectId: string) {
  return useQuery({
    queryKey: ["subject with etag", subjectId],
    queryFn: () => readWithEtag(getSubject({ path: { subject_id: subjectId } })),
    staleTime: 0,
    gcTime: 0,
  });
}

export function useUpdateSubject() {
  const onSettled = useSubjectChanged();
  return useMutation({
    mutationFn: ({ subjectId, etag, body }: { subjectId: string; etag: string; body: SubjectIn }) =>
      updateSubject({ path: { subject_id: subjectId }, body, headers: ifMatch(etag) }),
    onSettled,
  });
}
