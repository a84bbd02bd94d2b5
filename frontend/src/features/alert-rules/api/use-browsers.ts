import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { listPushSubscriptionsOptions } from "@/client/@tanstack/react-query.gen";
import { deletePushSubscription } from "@/client/sdk.gen";

/** Browsers of one's own that are told of alerts. */
export function useBrowsers() {
  return useQuery(listPushSubscriptionsOptions());
}

export function useForgetBrowser() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => deletePushSubscription({ path: { subscription_id: id } }),
    onSettled: () => cache.invalidateQueries({ queryKey: listPushSubscriptionsOptions().queryKey.slice(0, 1) }),
  });
}
