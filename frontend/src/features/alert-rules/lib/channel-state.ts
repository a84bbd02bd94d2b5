import type { ChannelOut } from "@/client/types.gen";
import type { Tone } from "@/components/status-dot";

export type ChannelState = "off" | "paused" | "broken" | "probing" | "failing" | "works" | "untried";

/** How a channel does, the worst first. */
export function stateOf({ is_active, paused_at, health }: ChannelOut): ChannelState {
  if (!is_active) return "off";
  if (paused_at) return "paused";
  if (health.circuit === "open") return "broken";
  if (health.circuit === "half_open") return "probing";
  if (health.failures > 0) return "failing";
  return health.last_delivered_at ? "works" : "untried";
}

export const TONES: Record<ChannelState, Tone> = {
  off: "neutral",
  paused: "info",
  broken: "danger",
  probing: "warning",
  failing: "warning",
  works: "success",
  untried: "neutral",
};
