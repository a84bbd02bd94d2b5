import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { getAlertOptions, getAlertQueryKey } from "@/client/@tanstack/react-query.gen";
import type { AlertDetailOut, AlertOut } from "@/client/types.gen";
import { isApiError } from "@/lib/errors";
import { LiveCache } from "@/lib/live-cache";
import { invalidate } from "@/lib/query";
import { toast, toastError } from "@/lib/toast";

import { whoWasFaster } from "../lib/conflicts";

interface Action<T> {
  send: (given: T) => Promise<{ data: AlertDetailOut }>;
  /** What the alert looks like when it works: shown at once. */
  expect?: (given: T) => Partial<AlertOut>;
}

/** One step with one alert: seen at once, taken back with the reason where the server says no. */
export function useAlertAction<T extends { alertId: string }>({ send, expect }: Action<T>) {
  const client = useQueryClient();
  const { t } = useTranslation("alerts");
  return useMutation({
    mutationFn: async (given: T) => (await send(given)).data,
    onMutate: (given) => {
      const key = keyOf(given.alertId);
      const old = client.getQueryData<AlertDetailOut>(key);
      if (old && expect) client.setQueryData<AlertDetailOut>(key, { ...old, ...expect(given) });
      return { old };
    },
    onSuccess: (alert) => show(client, alert),
    onError: async (error, { alertId }, context) => {
      if (context?.old) client.setQueryData(keyOf(alertId), context.old);
      if (!isApiError(error, "conflict")) return toastError(error);
      const fresh = await reread(client, alertId);
      const faster = fresh && whoWasFaster(fresh, context?.old);
      if (faster) toast.warning(t(faster.key, faster.values));
      else toastError(error);
    },
  });
}

function keyOf(alertId: string) {
  return getAlertQueryKey({ path: { alert_id: alertId } });
}

/** Into everything that shows it; the event that follows says the same again. */
function show(client: QueryClient, alert: AlertDetailOut): void {
  client.setQueryData(keyOf(alert.id), alert);
  const { history: _history, escalation: _escalation, ...row } = alert;
  new LiveCache(client).apply("alerts", row);
  void invalidate(client, "listAlertDeliveries");
}

async function reread(client: QueryClient, alertId: string): Promise<AlertDetailOut | null> {
  try {
    const fresh = await client.fetchQuery({ ...getAlertOptions({ path: { alert_id: alertId } }), staleTime: 0 });
    show(client, fresh);
    return fresh;
  } catch {
    return null; // the first error says enough
  }
}
