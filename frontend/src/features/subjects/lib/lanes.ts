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

/** Bars closer than this share of the axis are drawn as one: what the eye cannot tell apart costs no element. */
const APART = 0.001;

/**
 * Sightings, newest first, on a time axis, a lane per camera; those of the camera that saw the person most come first.
 */
export function lanesOf(entries: TimelineEntry[], since: number, until: number): Lane[] {
  const span = Math.max(1, until - since);
  const lanes = new Map<string, Lane & { sightings: number }>();
  for (const { camera_id, camera_name, sighting_id, detected_at, last_seen_at } of entries) {
    const start = Math.max(0, (Date.parse(detected_at) - since) / span);
    const end = Math.min(1, (Date.parse(last_seen_at) - since) / span);
    if (start > 1 || end < 0) continue;
    const lane = lanes.get(camera_id) ?? { cameraId: camera_id, name: camera_name, bars: [], sightings: 0 };
    add(lane.bars, { id: sighting_id, start, length: Math.max(0, end - start) });
    lane.sightings += 1;
    lanes.set(camera_id, lane);
  }
  return [...lanes.values()].toSorted((one, other) => other.sightings - one.sightings);
}

function add(bars: Bar[], bar: Bar): void {
  const later = bars.at(-1);
  if (!later || bar.start > later.start || bar.start + bar.length < later.start - APART) {
    bars.push(bar);
    return;
  }
  later.length = Math.max(later.start + later.length, bar.start + bar.length) - bar.start;
  later.start = bar.start;
}

/** Moments to be written below the axis, evenly apart. */
export function ticksOf(since: number, until: number, count = 5): number[] {
  return Array.from({ length: count }, (_, index) => since + ((until - since) * index) / (count - 1));
}
