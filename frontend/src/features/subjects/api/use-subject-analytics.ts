import { useQuery } from "@tanstack/react-query";

import { getSubjectAnalyticsOptions } from "@/client/@tanstack/react-query.gen";
import type { DateRange } from "@/lib/date-range";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A person's sightings and alerts in numbers. */
export function useSubjectAnalytics(subjectId: string, { since, until }: Pick<DateRange, "since" | "until">) {
  return useQuery(
    getSubjectAnalyticsOptions({ path: { subject_id: subjectId }, query: { since, until, time_zone: HERE } }),
  );
}
