import { useMutation, useQueryClient } from "@tanstack/react-query";

import { createWatchlist, deleteWatchlist, getWatchlist, updateWatchlist } from "@/client/sdk.gen";
import type { WatchlistIn } from "@/client/types.gen";
import { ifMatch, readWithEtag } from "@/lib/etag";
import { useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

import { bodyOf } from "../lib/terms";

function useChanged() {
  const cache = useQueryClient();
  return () => invalidate(cache, "listWatchlists", "getWatchlist", "listSubjects", "getSubject");
}

/** A list as it is now, with what a change of it needs. */
export const readWatchlist = (id: number) => readWithEtag(getWatchlist({ path: { watchlist_id: id } }));

export function useCreateWatchlist() {
  const key = useIdempotencyKey();
  const onSettled = useChanged();
  return useMutation({
    mutationFn: (body: WatchlistIn) => createWatchlist({ body, headers: key.header() }),
    onError: key.renew, // a corrected form is another request
    onSettled,
  });
}

export function useUpdateWatchlist() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: ({ id, etag, body }: { id: number; etag: string; body: WatchlistIn }) =>
      updateWatchlist({ path: { watchlist_id: id }, body, headers: ifMatch(etag) }),
    onSettled,
  });
}

/** On or off; the rest stays as it is at this moment. */
export function useSwitchWatchlist() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async ({ id, isActive }: { id: number; isActive: boolean }) => {
      const { data, etag } = await readWatchlist(id);
      const body = { ...bodyOf(data), is_active: isActive };
      return updateWatchlist({ path: { watchlist_id: id }, body, headers: ifMatch(etag) });
    },
    onSettled,
  });
}

export function useDeleteWatchlist() {
  const onSettled = useChanged();
  return useMutation({ mutationFn: (id: number) => deleteWatchlist({ path: { watchlist_id: id } }), onSettled });
}
