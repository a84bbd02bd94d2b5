import { z } from "zod";

import { DATE_PRESETS } from "@/lib/date-range";

export const TABS = ["trends", "heatmap", "cameras", "subject", "accuracy", "reports"] as const;
export const METRICS = ["sightings", "known", "alerts", "detections", "recognitions", "tracks", "frames"] as const;
export const INTERVALS = ["hour", "day", "week", "month"] as const;

/** What the address of the page holds. */
export const analyticsAddress = z.object({
  tab: z.enum(TABS).default("trends"),
  preset: z.enum(DATE_PRESETS).optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  metric: z.enum(METRICS).default("sightings"),
  interval: z.enum(INTERVALS).optional(),
  chart: z.enum(["bar", "line"]).default("bar"),
  camera: z.array(z.string()).default([]),
  subject: z.string().default(""),
  sort: z.string().default("-sightings"),
});
export type AnalyticsAddress = z.output<typeof analyticsAddress>;

const DAY_MS = 86_400_000;
/** The API's limits: hours over 31 days at most. */
const MOST_HOURS_MS = 31 * DAY_MS;

/** Buckets that are neither hundreds nor two, where none was chosen; never hours over more days than the API takes. */
export function intervalFor(sinceMs: number, untilMs: number, chosen?: AnalyticsAddress["interval"]) {
  const span = untilMs - sinceMs;
  if (chosen && (chosen !== "hour" || span <= MOST_HOURS_MS)) return chosen;
  if (span <= 3 * DAY_MS) return "hour";
  if (span <= 92 * DAY_MS) return "day";
  return span <= 366 * DAY_MS ? "week" : "month";
}
