import { useMutation, useQueryClient } from "@tanstack/react-query";

import {
  createChannel,
  deleteChannel,
  pauseChannel,
  replayDelivery,
  resumeChannel,
  testChannel,
  updateChannel,
} from "@/client/sdk.gen";
import type { CreateChannelData } from "@/client/types.gen";
import { ifMatch } from "@/lib/etag";
import { newKey, useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

export type ChannelIn = CreateChannelData["body"];

function useChanged() {
  const cache = useQueryClient();
  return () => invalidate(cache, "listChannels", "getChannel", "listRuleChannels", "listChannelDeliveries");
}

const once = () => ({ "Idempotency-Key": newKey() });

export function useCreateChannel() {
  const key = useIdempotencyKey();
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async (body: ChannelIn) => (await createChannel({ body, headers: key.header() })).data,
    onError: key.renew,
    onSettled,
  });
}

export function useReplaceChannel() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async ({ channelId, etag, body }: { channelId: string; etag: string; body: ChannelIn }) =>
      (await updateChannel({ path: { channel_id: channelId }, body, headers: ifMatch(etag) })).data,
    onSettled,
  });
}

export function useDeleteChannel() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: (channelId: string) => deleteChannel({ path: { channel_id: channelId } }),
    onSettled,
  });
}

/** Really sends something, and says how that went. */
export function useTestChannel() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async (channelId: string) =>
      (await testChannel({ path: { channel_id: channelId }, headers: once() })).data,
    onSettled,
  });
}

export function usePauseChannel() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: ({ channelId, isPaused }: { channelId: string; isPaused: boolean }) =>
      (isPaused ? pauseChannel : resumeChannel)({ path: { channel_id: channelId }, headers: once() }),
    onSettled,
  });
}

export function useReplayDelivery() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: ({ channelId, deliveryId }: { channelId: string; deliveryId: string }) =>
      replayDelivery({ path: { channel_id: channelId, delivery_id: deliveryId }, headers: once() }),
    onSettled,
  });
}
