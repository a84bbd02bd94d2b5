import { serverDate } from "@/lib/clock";

/** What the API takes as since and until (RFC 3339), and the preset it came from. */
export interface DateRange {
  since?: string;
  until?: string;
  preset?: DatePreset;
}

export const DATE_PRESETS = ["hour", "today", "day", "week", "month"] as const;
export type DatePreset = (typeof DATE_PRESETS)[number];

const HOURS: Record<Exclude<DatePreset, "today">, number> = { hour: 1, day: 24, week: 7 * 24, month: 30 * 24 };

export function isDatePreset(value: unknown): value is DatePreset {
  return DATE_PRESETS.some((preset) => preset === value);
}

/** A preset has no end: it goes on to now. To whole minutes, so that one view keeps one cache entry for a while. */
export function rangeOfPreset(preset: DatePreset, now: Date = serverDate()): DateRange {
  const since = new Date(now);
  if (preset === "today") since.setHours(0, 0, 0, 0);
  else {
    since.setSeconds(0, 0);
    since.setTime(since.getTime() - HOURS[preset] * 3_600_000);
  }
  return { preset, since: since.toISOString() };
}

/** The times to ask for: a link with preset=week means the week before it is opened. */
export function resolveRange(range: DateRange, now: Date = serverDate()): Pick<DateRange, "since" | "until"> {
  if (!range.preset) return { since: range.since, until: range.until };
  return { since: rangeOfPreset(range.preset, now).since };
}

/** A day of the calendar and "14:30" of the viewer's clock. */
export function atTime(day: Date, time: string): Date {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const moment = new Date(day);
  moment.setHours(hours, minutes, 0, 0);
  return moment;
}

export function clockOf(moment: Date): string {
  return [moment.getHours(), moment.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}
