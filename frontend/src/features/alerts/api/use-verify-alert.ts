import { verifyAlert } from "@/client/sdk.gen";
import type { VerifyIn } from "@/client/types.gen";

import { useAlertAction } from "./use-alert-action";

/** Say as the second person whether it is that subject. */
export function useVerifyAlert() {
  return useAlertAction({
    send: ({ alertId, confirmed, note = "" }: { alertId: string } & VerifyIn) =>
      verifyAlert({ path: { alert_id: alertId }, body: { confirmed, note } }),
  });
}
