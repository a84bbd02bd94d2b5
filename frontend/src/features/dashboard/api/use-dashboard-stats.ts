import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { startOfDay } from "date-fns";

import { getDashboardOptions } from "@/client/@tanstack/react-query.gen";
import { useNow } from "@/hooks/use-now";

/** Now and today, which begins at the viewer's midnight; read again when something happens. */
export function useDashboardStats() {
  const since = startOfDay(useNow()).toISOString();
  return useQuery({ ...getDashboardOptions({ query: { since } }), placeholderData: keepPreviousData });
}
