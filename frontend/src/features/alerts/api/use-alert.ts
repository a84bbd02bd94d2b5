import { useQuery } from "@tanstack/react-query";

import { getAlertOptions } from "@/client/@tanstack/react-query.gen";

/** One alert with its history. */
export function useAlert(alertId: string) {
  return useQuery(getAlertOptions({ path: { alert_id: alertId } }));
}
