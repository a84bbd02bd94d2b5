import type { TimelineEntry } from "@/client/types.gen";

export interface Bar {
  id: string;
  /** Shares of the axis, 0 to 1. */
  start: number;
  length: number;
}

export interface Lane {
  cameraId: string;
  name: string;
  bars: Bar[];
}

/** Sightings on a time axis, a lane per camera; those of the camera that saw the person most come first. */
export function lanesOf(entries: TimelineEntry[], since: number, until: number): Lane[] {
  const span = Math.max(1, until - since);
  const lanes = new Map<string, Lane>();
  for (const { camera_id, camera_name, sighting_id, detected_at, last_seen_at } of entries) {
    const start = Math.max(0, (Date.parse(detected_at) - since) / span);
    const end = Math.min(1, (Date.parse(last_seen_at) - since) / span);
    if (start > 1 || end < 0) continue;
    const lane = lanes.get(camera_id) ?? { cameraId: camera_id, name: camera_name, bars: [] };
    lane.bars.push({ id: sighting_id, start, length: Math.max(0, end - start) });
    lanes.set(camera_id, lane);
  }
  return [...lanes.values()].toSorted((one, other) => other.bars.length - one.bars.length);
}

/** Moments to be written below the axis, evenly apart. */
export function ticksOf(since: number, until: number, count = 5): number[] {
  return Array.from({ length: count }, (_, index) => since + ((until - since) * index) / (count - 1));
}
