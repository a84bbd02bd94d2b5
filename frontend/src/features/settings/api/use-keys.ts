import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";

import { listApiKeysInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import { createApiKey, deleteApiKey } from "@/client/sdk.gen";
import type { NewApiKeyIn } from "@/client/types.gen";
import { useIdempotencyKey } from "@/lib/idempotency";
import { invalidate, PAGED } from "@/lib/query";

/** One's own keys. */
export function useKeys(userId: string | undefined) {
  return useInfiniteQuery({ ...listApiKeysInfiniteOptions({ query: { user_id: userId, limit: 100 } }), ...PAGED });
}

export function useCreateKey() {
  const cache = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async (body: NewApiKeyIn) => (await createApiKey({ body, headers: key.header() })).data,
    onError: key.renew,
    onSettled: () => invalidate(cache, "listApiKeys"),
  });
}

export function useDeleteKey() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => deleteApiKey({ path: { key_id: id } }),
    onSettled: () => invalidate(cache, "listApiKeys"),
  });
}
