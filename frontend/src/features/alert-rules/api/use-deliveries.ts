import { useInfiniteQuery } from "@tanstack/react-query";

import { listChannelDeliveriesInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import type { DeliveryStatus } from "@/client/types.gen";

/** What was told on a channel and what is due, the newest first. */
export function useDeliveries(channelId: string, status: DeliveryStatus | null) {
  return useInfiniteQuery({
    ...listChannelDeliveriesInfiniteOptions({
      path: { channel_id: channelId },
      query: { limit: 50, status: status ? [status] : undefined },
    }),
    initialPageParam: { path: { channel_id: channelId } },
    getNextPageParam: (page) => page.next ?? undefined,
  });
}
