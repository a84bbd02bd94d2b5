import { useQuery } from "@tanstack/react-query";

import {
  getCameraOptions,
  listCamerasOptions,
  listSightingsOptions,
  listSubjectsOptions,
} from "@/client/@tanstack/react-query.gen";
import { useAuth } from "@/hooks/use-auth";

export interface FirstSteps {
  /** Not everything was answered yet. */
  isPending: boolean;
  error: unknown;
  retry: () => void;
  /** The first camera, once there is one. */
  cameraId: string | null;
  /** Somebody said where that camera looks, or what it must not see. */
  hasAreas: boolean;
  subjectId: string | null;
  /** The newest sighting of somebody who is enrolled. */
  sightingId: string | null;
}

const ONE = { limit: 1 };

/** How far a new system has come; nothing is remembered beside what the server knows, so any browser shows the same. */
export function useFirstSteps(): FirstSteps {
  const { hasPermission } = useAuth();
  const cameras = useQuery(listCamerasOptions({ query: ONE }));
  const subjects = useQuery({ ...listSubjectsOptions({ query: ONE }), enabled: hasPermission("read_subjects") });
  const sightings = useQuery({
    ...listSightingsOptions({ query: { ...ONE, known: true } }),
    enabled: hasPermission("read_sightings"),
  });
  const cameraId = cameras.data?.items[0]?.id ?? null;
  const camera = useQuery({
    ...getCameraOptions({ path: { camera_id: cameraId ?? "" } }),
    enabled: cameraId !== null,
  });
  const { interest = [], privacy = [] } = camera.data?.config ?? {};
  const all = [cameras, camera, subjects, sightings];
  return {
    isPending: all.some((query) => query.isPending && query.fetchStatus !== "idle"),
    error: all.find((query) => query.isError)?.error ?? null,
    retry: () => all.forEach((query) => void query.refetch()),
    cameraId,
    hasAreas: interest.length + privacy.length > 0,
    subjectId: subjects.data?.items[0]?.id ?? null,
    sightingId: sightings.data?.items[0]?.id ?? null,
  };
}
