import { useQuery } from "@tanstack/react-query";

import { listAlertDeliveriesOptions } from "@/client/@tanstack/react-query.gen";

/** Who was told of it and who is to be. */
export function useAlertDeliveries(alertId: string, enabled = true) {
  return useQuery({ ...listAlertDeliveriesOptions({ path: { alert_id: alertId } }), staleTime: 5_000, enabled });
}
