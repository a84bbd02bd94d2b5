import { keepPreviousData, useQuery } from "@tanstack/react-query";

import {
  getCameraStatsOptions,
  getCameraStreamUrlOptions,
  getExpectedFalseAlarmsOptions,
} from "@/client/@tanstack/react-query.gen";
import type { GetCameraStatsData } from "@/client/types.gen";
import { useAuth } from "@/hooks/use-auth";

/** What a camera counted. */
export function useCameraStats(cameraId: string, query: NonNullable<GetCameraStatsData["query"]>) {
  return useQuery({
    ...getCameraStatsOptions({ path: { camera_id: cameraId }, query }),
    placeholderData: keepPreviousData,
  });
}

/** Strangers a day that this camera is expected to take for somebody, at a false-match rate; null: that in force. */
export function useExpectedFalseAlarms(cameraId: string, fmr: number | null) {
  return useQuery({
    ...getExpectedFalseAlarmsOptions({ path: { camera_id: cameraId }, query: fmr === null ? {} : { fmr } }),
    placeholderData: keepPreviousData,
  });
}

/** Frames per second that the settings have analysed: the same for every camera, told with any of them. */
export function useNormalRate(cameraId: string | undefined): number | undefined {
  const { hasPermission } = useAuth();
  const { data } = useQuery({
    ...getCameraStreamUrlOptions({ path: { camera_id: cameraId ?? "" } }),
    enabled: cameraId !== undefined && hasPermission("watch_live"),
    staleTime: Infinity,
  });
  return data?.sample_rate;
}
