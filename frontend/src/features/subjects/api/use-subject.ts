import { useQuery } from "@tanstack/react-query";

import { getSubjectOptions } from "@/client/@tanstack/react-query.gen";

/** One person on file. */
export function useSubject(subjectId: string | null, enabled = true) {
  return useQuery({
    ...getSubjectOptions({ path: { subject_id: subjectId ?? "" } }),
    enabled: enabled && subjectId !== null,
  });
}
