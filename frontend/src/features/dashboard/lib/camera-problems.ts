import type { CameraOut } from "@/client/types.gen";

export type Problem = "error" | "inactive" | "slowed" | "off" | null;
const SLOWED = 0.9; // of the rate that the settings have; rates are rounded
const ORDER: Problem[] = ["error", "inactive", "slowed", "off", null];

/** What is wrong with a camera. normalRate: frames per second that the settings have analysed. */
export function problemOf(camera: CameraOut, normalRate: number | undefined): Problem {
  if (camera.status === "error") return "error";
  if (!camera.detection_enabled) return "off";
  if (camera.status === "inactive") return "inactive";
  const now = camera.sample_rate_now;
  return now !== null && normalRate !== undefined && now < SLOWED * normalRate ? "slowed" : null;
}

/** Those with problems first, the worst of them before the others; else as they were. */
export function problemsFirst(cameras: CameraOut[], normalRate: number | undefined): CameraOut[] {
  const rank = (camera: CameraOut) => ORDER.indexOf(problemOf(camera, normalRate));
  return cameras.toSorted((one, other) => rank(one) - rank(other));
}
