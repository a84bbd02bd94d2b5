import { useQuery } from "@tanstack/react-query";

import {
  getCameraStreamUrlOptions,
  listAlertsOptions,
  listCamerasOptions,
  listJobsOptions,
  listSightingsOptions,
} from "@/client/@tanstack/react-query.gen";
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

export function useCameraStates() {
  return useQuery({
    ...listCamerasOptions({ query: { limit: MOST_CAMERAS, sort: "name" } }),
    select: (page) => page.items,
  });
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
