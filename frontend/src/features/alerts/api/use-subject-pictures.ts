import { useQuery } from "@tanstack/react-query";

import { listSubjectImagesOptions } from "@/client/@tanstack/react-query.gen";
import { useAuth } from "@/hooks/use-auth";

const LINKS_LIVE_MS = 4 * 60_000;

/** What the person was enrolled with. */
export function useSubjectPictures(subjectId: string | null) {
  const { hasPermission } = useAuth();
  return useQuery({
    ...listSubjectImagesOptions({ path: { subject_id: subjectId ?? "" } }),
    enabled: subjectId !== null && hasPermission("read_subjects"),
    staleTime: LINKS_LIVE_MS,
  });
}
