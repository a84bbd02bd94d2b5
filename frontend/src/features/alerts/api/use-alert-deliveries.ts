import { useQuery, useQueryClient } from "@tanstack/react-query";

import { listAlertDeliveriesOptions, listAlertDeliveriesQueryKey } from "@/client/@tanstack/react-query.gen";
import { useTopic } from "@/hooks/use-web-socket";

/** Who was told of it and who is to be; read again when the alert changes, for steps of its escalation do that. */
export function useAlertDeliveries(alertId: string) {
  const client = useQueryClient();
  const options = { path: { alert_id: alertId } };
  useTopic("alerts", (record) => {
    if (record.id === alertId) void client.invalidateQueries({ queryKey: listAlertDeliveriesQueryKey(options) });
  });
  return useQuery({ ...listAlertDeliveriesOptions(options), staleTime: 5_000 });
}
