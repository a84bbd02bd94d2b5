import { useCallback, useRef } from "react";
import { useQueryClient, type InfiniteData, type QueryKey } from "@tanstack/react-query";

import { freshened } from "@/lib/fresh-pages";

/** Links to pictures of a list have expired: the answer reads the page of a record again, and no other of maybe hundreds.
 * queryKey and read must stay the same from one drawing to the next. */
export function useStalePages<P extends { items: { id: string }[] }>(
  queryKey: QueryKey,
  read: (cursor: string | undefined) => Promise<P>,
): (id: string) => Promise<void> {
  const client = useQueryClient();
  const reading = useRef(new Set<string>());
  return useCallback(
    async (id: string) => {
      const held = client.getQueryData<InfiniteData<P, unknown>>(queryKey);
      const index = held?.pages.findIndex((page) => page.items.some((item) => item.id === id)) ?? -1;
      const param = held?.pageParams[index];
      const cursor = typeof param === "string" ? param : undefined;
      if (!held || index < 0 || reading.current.has(cursor ?? "")) return;
      reading.current.add(cursor ?? "");
      try {
        const { items } = await read(cursor);
        client.setQueryData<InfiniteData<P, unknown>>(
          queryKey,
          (old) => old && { ...old, pages: freshened(old.pages, items) },
        );
      } catch {
        // Pictures stay away as they did, and what else is there stays good; the next one that fails asks again.
      } finally {
        reading.current.delete(cursor ?? "");
      }
    },
    [client, queryKey, read],
  );
}
