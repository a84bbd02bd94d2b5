import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";

import {
  getCameraStreamUrlOptions,
  listAlertsOptions,
  listCamerasOptions,
  listJobsOptions,
  listSightingsOptions,
} from "@/client/@tanstack/react-query.gen";
import type { CameraOut, ListCamerasData } from "@/client/types.gen";
import { useAuth } from "@/hooks/use-auth";

/** Events put newer ones in front: what is shown is cut, the list behind may grow. */
export const RECENT = 8;

export function useRecentAlerts() {
  return useQuery({
    ...listAlertsOptions({ query: { limit: RECENT } }),
    select: (page) => page.items.slice(0, RECENT),
  });
}

export function useRecentSightings() {
  return useQuery({
    ...listSightingsOptions({ query: { limit: RECENT } }),
    select: (page) => page.items.slice(0, RECENT),
  });
}

const MOST_CAMERAS = 200;

/** Cameras that failed, those that are not connected, and the first by name: of each as many as may be shown. */
export function useCameraStates() {
  const { data: failed } = useCamerasByName({ status: "error", limit: RECENT });
  const { data: away } = useCamerasByName({ status: "inactive", limit: RECENT });
  const { data: first, error, isError, refetch } = useCamerasByName({ limit: MOST_CAMERAS });
  const data = useMemo(() => {
    if (!first) return undefined;
    const all = [failed, away, first].flatMap((page) => page?.items ?? []);
    return [...new Map(all.map((camera) => [camera.id, camera])).values()].toSorted(byName);
  }, [failed, away, first]);
  return { data, error, isError, refetch };
}

function useCamerasByName(query: NonNullable<ListCamerasData["query"]>) {
  return useQuery(listCamerasOptions({ query: { ...query, sort: "name" } }));
}

function byName(one: CameraOut, other: CameraOut): number {
  return one.name.localeCompare(other.name);
}

/** Frames per second that the settings have analysed: the same for every camera, told with any of them. */
export function useNormalRate(cameraId: string | undefined): number | undefined {
  const { hasPermission } = useAuth();
  const { data } = useQuery({
    ...getCameraStreamUrlOptions({ path: { camera_id: cameraId ?? "" } }),
    enabled: cameraId !== undefined && hasPermission("watch_live"),
  });
  return data?.sample_rate;
}

const MOST_JOBS = 5;

/** Work in the background: what is open, and what ended last. */
export function useRecentJobs() {
  return useQuery({
    ...listJobsOptions({ query: { limit: MOST_JOBS } }),
    select: (page) => page.items.slice(0, MOST_JOBS),
  });
}
