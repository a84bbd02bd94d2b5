import { useCallback, useMemo } from "react";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";

import { listAlertsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import { listAlerts } from "@/client/sdk.gen";
import type { ListAlertsData } from "@/client/types.gen";
import { useStalePages } from "@/hooks/use-stale-pages";
import { useTopic } from "@/hooks/use-web-socket";
import { invalidate, operationOf, PAGED } from "@/lib/query";

import { inOrder } from "../lib/queue";

const PAGE = 50;

/** The queue, page by page. Events put new ones in and take out what no longer fits. */
export function useAlerts(query: NonNullable<ListAlertsData["query"]>) {
  const client = useQueryClient();
  const sort = query.sort === "-severity" ? "severity" : "newest";
  const asked = useMemo(() => ({ ...query, limit: PAGE }), [query]);
  const options = useMemo(() => listAlertsInfiniteOptions({ query: asked }), [asked]);
  const found = useInfiniteQuery({
    ...options,
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

  const { queryKey } = options;
  const read = useCallback(
    async (cursor: string | undefined) => (await listAlerts({ query: { ...asked, cursor } })).data,
    [asked],
  );
  const stale = useStalePages(queryKey, read);
  return { ...found, items, more, stale };
}
