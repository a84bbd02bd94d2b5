import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { listLayoutsOptions } from "@/client/@tanstack/react-query.gen";
import { createLayout, deleteLayout, getLayout, updateLayout } from "@/client/sdk.gen";
import type { LayoutIn } from "@/client/types.gen";
import { ifMatch, readWithEtag } from "@/lib/etag";
import { useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

const MOST = 200;

/** Saved layouts of the live view: one's own, and those that others share. */
export function useLayouts(enabled: boolean) {
  return useQuery({ ...listLayoutsOptions({ query: { kind: "live", sort: "name", limit: MOST } }), enabled });
}

export function useCreateLayout() {
  const cache = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async (body: LayoutIn) => (await createLayout({ body, headers: key.header() })).data,
    onSettled: () => {
      key.renew();
      return invalidate(cache, "listLayouts");
    },
  });
}

/** Replaces one's own layout as it is now: nobody else may change it. */
export function useUpdateLayout() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, body }: { id: string; body: LayoutIn }) => {
      const path = { layout_id: id };
      const { etag } = await readWithEtag(getLayout({ path }));
      return (await updateLayout({ path, body, headers: ifMatch(etag) })).data;
    },
    onSettled: () => invalidate(cache, "listLayouts"),
  });
}

export function useDeleteLayout() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => deleteLayout({ path: { layout_id: id } }),
    onSettled: () => invalidate(cache, "listLayouts"),
  });
}
