import { useCallback, useMemo, useRef } from "react";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";

import { listAlertsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import { listAlerts } from "@/client/sdk.gen";
import type { ListAlertsData } from "@/client/types.gen";
import { useTopic } from "@/hooks/use-web-socket";
import { freshened } from "@/lib/fresh-pages";
import { invalidate, operationOf, PAGED } from "@/lib/query";

import { inOrder } from "../lib/queue";

const PAGE = 50;

/** The queue, page by page. Events put new ones in and take out what no longer fits. */
export function useAlerts(query: NonNullable<ListAlertsData["query"]>) {
  const client = useQueryClient();
  const sort = query.sort === "-severity" ? "severity" : "newest";
  const reading = useRef(new Set<string>());
  const asked = useMemo(() => ({ ...query, limit: PAGE }), [query]);
  const found = useInfiniteQuery({
    ...listAlertsInfiniteOptions({ query: asked }),
    ...PAGED,
    placeholderData: keepPreviousData,
    // Comparing thousands of rows with themselves for each page costs more than it saves.
    structuralSharing: false,
  });

  useTopic("alerts", (record) => {
    // By severity only the server knows the place of a new one.
    const isKnown = found.data?.pages.some((page) => page.items.some((item) => item.id === record.id));
    if (sort === "severity" && !isKnown) void invalidate(client, "listAlerts");
    // Lists out of sight got it on top, wherever it belongs: they are read again when they are shown.
    else
      void client.invalidateQueries({
        predicate: (one) => operationOf(one.queryKey)?._id === "listAlerts" && !one.isActive(),
        refetchType: "none",
      });
  });

  const { data, fetchNextPage } = found;
  const items = useMemo(() => inOrder(data?.pages ?? [], sort), [data, sort]);
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);

  /** Links to pictures have expired: read the page of this alert again, and no other. */
  const stale = useCallback(
    async (id: string) => {
      const { queryKey } = listAlertsInfiniteOptions({ query: asked });
      const held = client.getQueryData(queryKey);
      const index = held?.pages.findIndex((page) => page.items.some((item) => item.id === id)) ?? -1;
      const param = held?.pageParams[index];
      const cursor = typeof param === "string" ? param : undefined;
      if (!held || index < 0 || reading.current.has(cursor ?? "")) return;
      reading.current.add(cursor ?? "");
      try {
        const { data: page } = await listAlerts({ query: { ...asked, cursor } });
        client.setQueryData(queryKey, (old) => old && { ...old, pages: freshened(old.pages, page.items) });
      } catch {
        // Pictures stay away as they did, and what else is there stays good; the next one that fails asks again.
      } finally {
        reading.current.delete(cursor ?? "");
      }
    },
    [client, asked],
  );
  return { ...found, items, more, stale };
}
