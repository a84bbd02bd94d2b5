import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";

import { getCameraOptions, listCameraGroupsOptions, listCamerasOptions } from "@/client/@tanstack/react-query.gen";
import type { CameraOut, CameraStatus } from "@/client/types.gen";

import { MOST_TILES } from "../lib/arrangement";
import { fits } from "../lib/filters";

export interface TileFilters {
  q: string;
  group: string;
  status?: CameraStatus;
}

export interface Tiles {
  data: CameraOut[] | undefined;
  total: number;
  error: unknown;
  isError: boolean;
  refetch: () => unknown;
}

/** The cameras that are shown: those that were chosen, in their order, or the first of all by name. */
export function useTiles(chosen: string[], filters: TileFilters): Tiles {
  const list = useQuery({
    ...listCamerasOptions({
      query: {
        limit: MOST_TILES,
        sort: "name",
        total: true,
        q: filters.q || undefined,
        status: filters.status,
        group_id: filters.group && filters.group !== "none" ? filters.group : undefined,
        without_group: filters.group === "none" ? true : undefined,
      },
    }),
    enabled: chosen.length === 0,
    placeholderData: keepPreviousData,
  });
  const picked = useQueries({
    queries: chosen.map((id) => getCameraOptions({ path: { camera_id: id } })),
    combine: (found) => ({
      cameras: found.flatMap(({ data }) => data ?? []),
      isPending: found.some((one) => one.isPending),
    }),
  });
  if (chosen.length === 0)
    return {
      data: list.data?.items,
      total: list.data?.total ?? list.data?.items.length ?? 0,
      error: list.error,
      isError: list.isError,
      refetch: list.refetch,
    };
  // One that was removed since, or is not for this user, is left out.
  const data = picked.isPending && picked.cameras.length === 0 ? undefined : picked.cameras.filter(fits(filters));
  return { data, total: data?.length ?? 0, error: null, isError: false, refetch: () => undefined };
}

/** Cameras to choose from, by a part of their name. */
export function useCameraChoice(q: string) {
  return useQuery({
    ...listCamerasOptions({ query: { limit: 50, sort: "name", q: q || undefined } }),
    placeholderData: keepPreviousData,
  });
}

export function useGroups() {
  return useQuery(listCameraGroupsOptions({ query: { limit: 200 } }));
}
