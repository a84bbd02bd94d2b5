import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { listCameraGroupsOptions, listCamerasInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import type { ListCamerasData } from "@/client/types.gen";
import { PAGED } from "@/lib/query";

const PAGE = 100;

/** Cameras, page by page; events keep their states current. */
export function useCameras(query: NonNullable<ListCamerasData["query"]>) {
  return useInfiniteQuery({
    ...listCamerasInfiniteOptions({ query: { ...query, limit: PAGE } }),
    ...PAGED,
    placeholderData: keepPreviousData,
  });
}

export function useCameraGroups() {
  return useQuery(listCameraGroupsOptions({ query: { limit: 200, sort: "name" } }));
}
