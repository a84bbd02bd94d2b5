import { useQuery } from "@tanstack/react-query";

import { countRecognitionErrorsOptions, getRecognitionStatsOptions } from "@/client/@tanstack/react-query.gen";

interface Span {
  since: string;
  until: string;
}

/** How recognition does, over 31 days at most. */
export function useRecognitionStats(query: Span) {
  return useQuery(getRecognitionStatsOptions({ query }));
}

/** How often people found it right or wrong, per camera and subject. */
export function useRecognitionErrors(query: Span) {
  return useQuery(countRecognitionErrorsOptions({ query }));
}
