import { afterEach, describe, expect, it } from "vitest";

import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRate,
  formatRelative,
  formatTime,
} from "@/lib/format";
import { i18n } from "@/lib/i18n";

const NOON = "2026-07-01T12:00:00Z";

afterEach(async () => {
  await i18n.changeLanguage("en");
});

describe("numbers", () => {
  it.each([
    [1e-5, "1 in 100,000"],
    [0.001, "1 in 1,000"],
    [3.17e-6, "1 in 320,000"],
    [0, "0"],
  ])("says a rate of %f as people do", (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });

  it("writes them as the language does", async () => {
    await i18n.changeLanguage("de");
    expect(formatNumber(1234.5)).toBe("1.234,5");
    expect(formatRate(1e-5)).toBe("1 zu 100.000");
    expect(formatPercent(0.123, 1)).toBe("12,3\u00a0%");
  });

  it.each([
    [0, "0 bytes"],
    [1500, "1.5 kB"],
    [25_000_000, "25 MB"],
    [3_200_000_000_000_000, "3,200 TB"],
  ])("says %i bytes in the largest unit", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("times", () => {
  it("shows a moment by the clock of a zone", () => {
    expect(formatTime(NOON, { timeZone: "Asia/Tokyo" })).toBe("09:00 PM");
    expect(formatDateTime(NOON, { timeZone: "Pacific/Kiritimati" })).toBe("Jul 2, 2026, 02:00 AM");
  });

  it.each([
    ["2026-07-01T11:59:31Z", "now"],
    ["2026-07-01T11:55:00Z", "5 min. ago"],
    ["2026-07-01T09:30:00Z", "2 hr. ago"],
    ["2026-06-30T11:00:00Z", "yesterday"],
    ["2026-07-01T12:10:00Z", "in 10 min."],
  ])("says how long ago %s was", (value, text) => {
    expect(formatRelative(value, NOON)).toBe(text);
  });

  it.each([
    [0.42, "0.4 sec"],
    [59.7, "1 min"],
    [3900, "1 hr, 5 min"],
    [86_400, "1 day"],
    [200_000, "2 days, 7 hr"],
  ])("says %f seconds by their two largest units", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
