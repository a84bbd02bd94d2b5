import { expect, it } from "vitest";

import { atTime, clockOf, DATE_PRESETS, isDatePreset, rangeOfPreset, resolveRange } from "@/lib/date-range";

const NOW = new Date(2026, 6, 1, 14, 30, 20);

it("begins a preset that long ago, to the minute", () => {
  expect(rangeOfPreset("hour", NOW)).toEqual({ preset: "hour", since: new Date(2026, 6, 1, 13, 30).toISOString() });
  expect(new Date(rangeOfPreset("today", NOW).since ?? "")).toEqual(new Date(2026, 6, 1));
  expect(NOW.getTime() - new Date(rangeOfPreset("week", NOW).since ?? "").getTime()).toBeCloseTo(7 * 86_400_000, -5);
});

it("lets a preset in a link mean the time when it is opened", () => {
  const old = rangeOfPreset("day", new Date(2020, 0, 1));
  expect(resolveRange(old, NOW)).toEqual({ since: rangeOfPreset("day", NOW).since });
  expect(resolveRange({ since: "a", until: "b" }, NOW)).toEqual({ since: "a", until: "b" });
});

it("knows its presets", () => {
  expect(DATE_PRESETS.every(isDatePreset)).toBe(true);
  expect(isDatePreset("yesterday")).toBe(false);
});

it("puts a day and a clock together and apart", () => {
  const moment = atTime(new Date(2026, 1, 3), "07:05");
  expect(moment).toEqual(new Date(2026, 1, 3, 7, 5));
  expect(clockOf(moment)).toBe("07:05");
});
