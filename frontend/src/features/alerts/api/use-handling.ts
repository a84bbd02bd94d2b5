import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { BulkItem } from "@/client/types.gen";
import { toast } from "@/lib/toast";

import type { Verdict } from "../lib/filters";
import { useAcknowledgeAlert } from "./use-acknowledge-alert";
import { useAssignAlert } from "./use-assign-alert";
import { useBulkAlerts, type BulkGiven } from "./use-bulk-alerts";
import { useReopenAlert } from "./use-reopen-alert";
import { useResolveAlert } from "./use-resolve-alert";

export interface Person {
  id: string;
  username: string;
}

/** What is done with one alert or several, with the words that follow. */
export function useHandling() {
  const { t } = useTranslation("alerts");
  const acknowledging = useAcknowledgeAlert();
  const resolving = useResolveAlert();
  const reopening = useReopenAlert();
  const assigning = useAssignAlert();
  const bulk = useBulkAlerts();
  const [outcome, setOutcome] = useState<BulkItem[] | null>(null);

  async function several(body: BulkGiven, done: (count: number) => string): Promise<string[]> {
    const items = await bulk.mutateAsync(body).catch(() => null); // the hook has told it
    if (!items) return body.ids;
    const failed = items.filter((item) => !item.done);
    if (failed.length) setOutcome(items);
    else toast.success(done(items.length));
    return failed.map(({ id }) => id);
  }

  function reopen(alertId: string, note = "") {
    if (!reopening.isPending)
      reopening.mutate({ alertId, note }, { onSuccess: () => toast.success(t("told.reopened")) });
  }

  return {
    /** Each answers with the ids that it failed for. */
    acknowledge: async (ids: string[]): Promise<string[]> => {
      const [alertId] = ids;
      if (alertId === undefined || acknowledging.isPending) return ids;
      if (ids.length > 1)
        return several({ action: "acknowledge", ids }, (count) => t("told.acknowledgedMany", { count }));
      return succeeded(acknowledging.mutateAsync({ alertId }), alertId);
    },
    resolve: async (ids: string[], verdict: Verdict, note: string): Promise<string[]> => {
      const [alertId] = ids;
      if (alertId === undefined || resolving.isPending) return ids;
      if (ids.length > 1)
        return several({ action: "resolve", ids, verdict, note }, (count) => t("told.resolvedMany", { count }));
      const failed = await succeeded(resolving.mutateAsync({ alertId, verdict, note }), alertId);
      if (failed.length === 0)
        toast.success(t("told.resolved", { verdict: t(`verdict.${verdict}`) }), {
          action: { label: t("action.undo"), onClick: () => reopen(alertId) },
        });
      return failed;
    },
    assign: async (ids: string[], person: Person | null): Promise<string[]> => {
      const [alertId] = ids;
      if (alertId === undefined || assigning.isPending) return ids;
      if (ids.length > 1)
        return several({ action: "assign", ids, assigned_to: person?.id ?? null }, (count) =>
          t("told.assignedMany", { count }),
        );
      const given = { alertId, userId: person?.id ?? null, userName: person?.username ?? null };
      return succeeded(assigning.mutateAsync(given), alertId);
    },
    reopen,
    isBusy: bulk.isPending,
    outcome,
    closeOutcome: () => setOutcome(null),
  };
}

export type Handling = ReturnType<typeof useHandling>;

/** The hook has said why it failed. */
async function succeeded(step: Promise<unknown>, alertId: string): Promise<string[]> {
  try {
    await step;
    return [];
  } catch {
    return [alertId];
  }
}
