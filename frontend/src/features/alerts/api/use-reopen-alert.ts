import { reopenAlert } from "@/client/sdk.gen";

import { useAlertAction } from "./use-alert-action";

/** Take a resolved one up again; its verdict goes. */
export function useReopenAlert() {
  return useAlertAction({
    send: ({ alertId, note = "" }: { alertId: string; note?: string }) =>
      reopenAlert({ path: { alert_id: alertId }, body: { note } }),
  });
}
