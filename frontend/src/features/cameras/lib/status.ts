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
