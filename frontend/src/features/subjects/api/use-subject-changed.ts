import { useQueryClient } from "@tanstack/react-query";

import { invalidate } from "@/lib/query";

/** Reads anew what shows people. */
export function useSubjectChanged() {
  const cache = useQueryClient();
  return () =>
    invalidate(
      cache,
      "listSubjects",
      "getSubject",
      "listSubjectImages",
      "getSubjectTimeline",
      "getSubjectAnalytics",
      "listWatchlists",
    );
}
