import type { CameraOut } from "@/client/types.gen";
import type { Tone } from "@/components/status-dot";

type State = Pick<CameraOut, "status" | "detection_enabled">;

/** off: nobody is to watch it. inactive otherwise: it is being connected. */
export type CameraState = "active" | "error" | "connecting" | "off";

export function stateOf({ status, detection_enabled: isOn }: State): CameraState {
  if (!isOn) return "off";
  return status === "inactive" ? "connecting" : status;
}

export const TONES: Record<CameraState, Tone> = {
  active: "success",
  error: "danger",
  connecting: "warning",
  off: "neutral",
};

const SLOWED = 0.9; // of the rate that the settings have; rates are rounded

/** Whether detection is behind: fewer frames are analysed than the settings say. */
export function isSlowed(
  camera: Pick<CameraOut, "status" | "sample_rate_now">,
  normalRate: number | undefined,
): boolean {
  const now = camera.sample_rate_now;
  return camera.status === "active" && now !== null && normalRate !== undefined && now < SLOWED * normalRate;
}
