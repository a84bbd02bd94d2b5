import { useQuery } from "@tanstack/react-query";

import { listChannelsOptions } from "@/client/@tanstack/react-query.gen";
import { getChannel } from "@/client/sdk.gen";
import { readWithEtag } from "@/lib/etag";

/** Channels by name, with how well each does. */
export function useChannels(enabled = true) {
  return useQuery({ ...listChannelsOptions({ query: { limit: 200 } }), enabled });
}

export const readChannel = (channelId: string) => readWithEtag(getChannel({ path: { channel_id: channelId } }));

/** A channel with what a change of it needs. */
export function useChannel(channelId: string | null) {
  return useQuery({
    queryKey: ["channel-to-edit", channelId],
    queryFn: () => readChannel(channelId ?? ""),
    enabled: channelId !== null,
    staleTime: Infinity,
    gcTime: 0,
  });
}
