import type { CSSProperties } from "react";

import type { SightingOut } from "@/client/types.gen";
import type { FrameBox } from "@/components/frame-picture";

const WIDESCREEN = 16 / 9;

/** The area of a picture of this ratio in the frame around it, as object-fit would draw it: what lies over it at shares
 * of this area stays on what it marks. */
export function fitStyle(ratio: number | null, fit: "contain" | "cover"): CSSProperties {
  const shown = ratio ?? WIDESCREEN;
  const width = `${+(100 * shown).toFixed(3)}cqh`;
  return { aspectRatio: shown, width: fit === "contain" ? `min(100cqw, ${width})` : `max(100cqw, ${width})` };
}

/** Where a face was, in shares of the picture; null where the record does not tell. */
export function shareOf({ box, frame_width, frame_height }: SightingOut): Omit<FrameBox, "id"> | null {
  if (!(frame_width > 0 && frame_height > 0)) return null;
  return {
    x: box.x / frame_width,
    y: box.y / frame_height,
    width: box.width / frame_width,
    height: box.height / frame_height,
  };
}
