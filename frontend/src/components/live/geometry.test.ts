import { expect, test } from "vitest";

import type { SightingOut } from "@/client/types.gen";
import { fitStyle, shareOf } from "./geometry";

test("a picture fills its frame as object-fit would", () => {
  expect(fitStyle(2, "contain")).toEqual({ aspectRatio: 2, width: "min(100cqw, 200cqh)" });
  expect(fitStyle(2, "cover")).toEqual({ aspectRatio: 2, width: "max(100cqw, 200cqh)" });
  expect(fitStyle(null, "contain").aspectRatio).toBeCloseTo(16 / 9);
});

test("boxes are shares of the frame they were found in, whatever size is shown", () => {
  const sighting = { box: { x: 160, y: 90, width: 64, height: 72 }, frame_width: 640, frame_height: 360 };
  expect(shareOf(sighting as SightingOut)).toEqual({ x: 0.25, y: 0.25, width: 0.1, height: 0.2 });
  expect(shareOf({ ...sighting, frame_width: 0 } as SightingOut)).toBeNull();
});
