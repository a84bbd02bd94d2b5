import type { CameraOut, CameraStatus } from "@/client/types.gen";

interface Filters {
  q: string;
  group: string;
  status?: CameraStatus;
}

/** What the server does for lists, for cameras that were chosen one by one. */
export function fits({ q, group, status }: Filters): (camera: CameraOut) => boolean {
  const wanted = q.trim().toLocaleLowerCase();
  return (camera) =>
    (!wanted || `${camera.name} ${camera.location}`.toLocaleLowerCase().includes(wanted)) &&
    (!status || camera.status === status) &&
    (!group || (group === "none" ? camera.group_id === null : camera.group_id === group));
}
