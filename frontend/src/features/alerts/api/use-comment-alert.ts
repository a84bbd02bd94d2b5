import { commentOnAlert } from "@/client/sdk.gen";
import { useIdempotencyKey } from "@/lib/idempotency";

import { useAlertAction } from "./use-alert-action";

/** Write into its history. One key per comment, so that a second click does not write it twice. */
export function useCommentAlert() {
  const key = useIdempotencyKey();
  return useAlertAction({
    send: async ({ alertId, note }: { alertId: string; note: string }) => {
      const answer = await commentOnAlert({ path: { alert_id: alertId }, body: { note }, headers: key.header() });
      key.renew();
      return answer;
    },
  });
}
