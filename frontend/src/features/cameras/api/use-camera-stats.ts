import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { getCameraStatsOptions, getExpectedFalseAlarmsOptions } from "@/client/@tanstack/react-query.gen";
import type { GetCameraStatsData } from "@/client/types.gen";

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
