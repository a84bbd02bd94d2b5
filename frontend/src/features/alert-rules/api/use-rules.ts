import { useInfiniteQuery } from "@tanstack/react-query";

import { listAlertRulesInfiniteOptions } from "@/client/@tanstack/react-query.gen";

/** Rules by name, page by page. */
export function useRules() {
  return useInfiniteQuery({
    ...listAlertRulesInfiniteOptions({ query: { limit: 100 } }),
    initialPageParam: {},
    getNextPageParam: (page) => page.next ?? undefined,
  });
}
