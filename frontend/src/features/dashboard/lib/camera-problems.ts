import type { CameraOut, DashboardOut } from "@/client/types.gen";

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

/** Share of all frames that detection has to leave out: 0 while it keeps up, or nothing is watched. */
export function leftOut({
  frames_per_second: now,
  frames_per_second_wanted: wanted,
}: Pick<DashboardOut, "frames_per_second" | "frames_per_second_wanted">): number {
  const missing = wanted > 0 ? 1 - now / wanted : 0;
  return missing < 0.01 ? 0 : missing; // rates are rounded
}

/** Those with problems first, the worst of them before the others; else as they were. */
export function problemsFirst(cameras: CameraOut[], normalRate: number | undefined): CameraOut[] {
  const rank = (camera: CameraOut) => ORDER.indexOf(problemOf(camera, normalRate));
  return cameras.toSorted((one, other) => rank(one) - rank(other));
}
