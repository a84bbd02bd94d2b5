import { acknowledgeAlert } from "@/client/sdk.gen";
import { useAuth } from "@/hooks/use-auth";

import { useAlertAction } from "./use-alert-action";

/** Say that you look at it. */
export function useAcknowledgeAlert() {
  const { user } = useAuth();
  return useAlertAction({
    send: ({ alertId, note = "" }: { alertId: string; note?: string }) =>
      acknowledgeAlert({ path: { alert_id: alertId }, body: { note } }),
    expect: () => ({
      status: "acknowledged",
      acknowledged_at: new Date().toISOString(),
      acknowledged_by: user?.user_id ?? null,
      acknowledged_by_name: user?.username ?? null,
    }),
  });
}
