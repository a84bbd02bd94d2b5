import { resolveAlert } from "@/client/sdk.gen";
import type { ResolveIn } from "@/client/types.gen";
import { useAuth } from "@/hooks/use-auth";

import { useAlertAction } from "./use-alert-action";

/** Close it with how it turned out. */
export function useResolveAlert() {
  const { user } = useAuth();
  return useAlertAction({
    send: ({ alertId, verdict, note = "" }: { alertId: string } & ResolveIn) =>
      resolveAlert({ path: { alert_id: alertId }, body: { verdict, note } }),
    expect: ({ verdict }) => ({
      status: "resolved",
      verdict,
      resolved_at: new Date().toISOString(),
      resolved_by: user?.user_id ?? null,
      resolved_by_name: user?.username ?? null,
    }),
  });
}
