import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { countAlertsOptions } from "@/client/@tanstack/react-query.gen";
import { listAlerts } from "@/client/sdk.gen";
import type { ListAlertsData } from "@/client/types.gen";

import type { Tab } from "../lib/filters";

type Filters = NonNullable<ListAlertsData["query"]>;
/** The API's total stops there. */
export const MOST_COUNTED = 10_000;

export type Counts = Partial<Record<Tab, number>> & { mine?: number; unverified?: number };

/** How many stand behind each tab; kept current by events. */
export function useAlertCounts(filters: Filters): Counts {
  const open = useQuery({ ...countAlertsOptions({ query: filters }), placeholderData: keepPreviousData });
  // Whenever the open ones are counted anew, so are the resolved ones.
  const resolved = useQuery({
    queryKey: ["alerts resolved", filters, open.dataUpdatedAt],
    queryFn: async ({ signal }) => {
      const query = { ...filters, status: ["resolved" as const], limit: 1, total: true };
      return (await listAlerts({ query, signal })).data.total ?? 0;
    },
    enabled: open.dataUpdatedAt > 0,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const [data, done] = [open.data, resolved.data];
  return {
    new: data?.new,
    acknowledged: data?.acknowledged,
    resolved: done,
    all: data && done !== undefined ? Math.min(MOST_COUNTED, data.new + data.acknowledged + done) : undefined,
    mine: data?.mine,
    unverified: data?.unverified,
  };
}
