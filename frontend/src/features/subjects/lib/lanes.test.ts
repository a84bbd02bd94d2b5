import { expect, it } from "vitest";

import type { TimelineEntry } from "@/client/types.gen";

import { lanesOf, ticksOf } from "./lanes";

const seen = (sighting_id: string, camera_id: string, from: number, to: number): TimelineEntry => ({
  sighting_id,
  camera_id,
  camera_name: camera_id,
  detected_at: new Date(from).toISOString(),
  last_seen_at: new Date(to).toISOString(),
  seconds_since_previous: null,
  similarity: null,
  quality: null,
  has_image: false,
  has_context: false,
});

it("puts sightings on their camera's lane, the busiest first", () => {
  const lanes = lanesOf(
    [seen("c", "yard", 9000, 20_000), seen("a", "door", 1000, 2000), seen("b", "yard", 0, 500)],
    0,
    10_000,
  );
  expect(lanes.map(({ cameraId }) => cameraId)).toEqual(["yard", "door"]);
  expect(lanes[1]?.bars).toEqual([{ id: "a", start: 0.1, length: 0.1 }]);
  expect(lanes[0]?.bars[0]?.length).toBeCloseTo(0.1);
});

it("draws what nobody can tell apart as one bar, and counts it as it was", () => {
  const often = Array.from({ length: 5000 }, (_, index) => seen(`often-${index}`, "door", 9000 - index, 9001 - index));
  const [door, yard] = lanesOf([seen("y", "yard", 9500, 9600), ...often, seen("first", "door", 0, 10)], 0, 10_000);
  expect(door?.bars).toHaveLength(2);
  expect(door?.bars[0]?.start).toBeCloseTo(0.4);
  expect(door?.bars[0]?.length).toBeCloseTo(0.5);
  expect(yard?.cameraId).toBe("yard");
});

it("leaves out what lies beside the axis", () => {
  expect(lanesOf([seen("a", "door", 1000, 2000)], 5000, 10_000)).toEqual([]);
});

it("writes both ends of the axis", () => {
  expect(ticksOf(0, 100)).toEqual([0, 25, 50, 75, 100]);
});
