import { assignAlert } from "@/client/sdk.gen";

import { useAlertAction } from "./use-alert-action";

interface Given {
  alertId: string;
  /** Null: nobody any more. */
  userId: string | null;
  userName: string | null;
}

/** Say who looks after it. */
export function useAssignAlert() {
  return useAlertAction({
    send: ({ alertId, userId }: Given) => assignAlert({ path: { alert_id: alertId }, body: { assigned_to: userId } }),
    expect: ({ userId, userName }) => ({ assigned_to: userId, assigned_to_name: userName }),
  });
}
