import { useCallback, useMemo } from "react";

import { listSightingsInfiniteQueryKey } from "@/client/@tanstack/react-query.gen";
import { listSightings } from "@/client/sdk.gen";
import { useLongList } from "@/hooks/use-long-list";

import type { Query } from "../lib/address";
import { newerFirst } from "../lib/list";

/** As many as the API gives at once. */
const PAGE = 200;

/** Who was seen, page by page. Events put new ones on top and change those that are there. */
export function useSightings(query: Query) {
  const asked = useMemo(() => ({ ...query, limit: PAGE }), [query]);
  const queryKey = useMemo(() => listSightingsInfiniteQueryKey({ query: asked }), [asked]);
  const read = useCallback(
    async (cursor?: string, signal?: AbortSignal) =>
      (await listSightings({ query: { ...asked, cursor }, signal })).data,
    [asked],
  );
  return useLongList({ queryKey, read, compare: query.sort === "detected_at" ? undefined : newerFirst });
}
