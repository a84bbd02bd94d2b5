import { useQuery } from "@tanstack/react-query";

import { getSubjectAnalyticsOptions } from "@/client/@tanstack/react-query.gen";
import type { GetSubjectAnalyticsData } from "@/client/types.gen";

/** When and where one person was seen; nothing is asked before somebody is chosen. */
export function useSubjectAnalytics(subjectId: string, query: NonNullable<GetSubjectAnalyticsData["query"]>) {
  return useQuery({
    ...getSubjectAnalyticsOptions({ path: { subject_id: subjectId }, query }),
    enabled: subjectId !== "",
  });
}
