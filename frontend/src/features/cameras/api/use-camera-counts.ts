import { keepPreviousData, useQueries } from "@tanstack/react-query";

import { listCamerasOptions } from "@/client/@tanstack/react-query.gen";
import type { ListCamerasData } from "@/client/types.gen";

import { CAMERA_STATES } from "../lib/address";

type Filters = Omit<NonNullable<ListCamerasData["query"]>, "status" | "sort">;
type State = (typeof CAMERA_STATES)[number];

/** How many cameras of each state the filters leave; events keep it current. */
export function useCameraCounts(filters: Filters): { all: number | undefined } & Record<State, number | undefined> {
  const [all, ...each] = useQueries({
    queries: [undefined, ...CAMERA_STATES].map((status) => ({
      ...listCamerasOptions({ query: { ...filters, ...(status ? { status } : {}), limit: 1, total: true } }),
      placeholderData: keepPreviousData,
    })),
    combine: (results) => results.map(({ data }) => data?.total ?? undefined),
  });
  const [active, error, inactive] = each;
  return { all, active, error, inactive };
}
