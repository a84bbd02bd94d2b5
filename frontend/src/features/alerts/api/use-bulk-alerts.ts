import { useMutation, useQueryClient } from "@tanstack/react-query";

import { handleAlerts } from "@/client/sdk.gen";
import type { BulkItem, HandleAlertsData } from "@/client/types.gen";
import { invalidate } from "@/lib/query";
import { toastError } from "@/lib/toast";

export type BulkGiven = HandleAlertsData["body"];
const MOST = 500;

/** Several in one request per 500; says of each how it went. */
export function useBulkAlerts() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: BulkGiven) => {
      const items: BulkItem[] = [];
      for (let at = 0; at < body.ids.length; at += MOST) {
        const { data } = await handleAlerts({ body: { ...body, ids: body.ids.slice(at, at + MOST) } });
        items.push(...data.items);
      }
      return items;
    },
    onSettled: () => invalidate(client, "listAlerts", "countAlerts", "getAlert"),
    onError: toastError,
  });
}
