import { useInfiniteQuery } from "@tanstack/react-query";

import { getSubjectTimelineInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import type { DateRange } from "@/lib/date-range";
import { PAGED } from "@/lib/query";

const PAGE = 200;

/** Where and when a person was seen, newest first. */
export function useSubjectTimeline(subjectId: string, { since, until }: Pick<DateRange, "since" | "until">) {
  return useInfiniteQuery({
    ...getSubjectTimelineInfiniteOptions({ path: { subject_id: subjectId }, query: { since, until, limit: PAGE } }),
    ...PAGED,
    initialPageParam: { path: { subject_id: subjectId } },
  });
}
