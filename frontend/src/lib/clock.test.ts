import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { clockError, noteTime, onClock, serverNow } from "@/lib/clock";
import { rangeOfPreset } from "@/lib/date-range";
import { formatRelative } from "@/lib/format";

const HOUR = 3_600_000;
const SERVER = Date.parse("2026-11-23T12:00:00Z");
const answer = (date: string, cached = "no-store") =>
  new Response("{}", { headers: { Date: date, "Cache-Control": cached } });
const told = () => answer(new Date(SERVER).toUTCString());

/** This device's clock, that many milliseconds ahead of the server's. */
function deviceAhead(by: number) {
  vi.setSystemTime(SERVER + by);
  noteTime(told(), Date.now());
}

describe("the server's clock", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    deviceAhead(0);
    vi.useRealTimers();
  });

  it("is this device's where they differ by what an answer takes on its way", () => {
    deviceAhead(3_000);
    expect(serverNow()).toBe(Date.now());
    expect(clockError()).toBe(0);
  });

  it.each([5 * HOUR, -5 * HOUR])("counts where this device is %i ms off, and that is said", (by) => {
    const heard = vi.fn();
    const stop = onClock(heard);
    deviceAhead(by);
    expect(Math.abs(serverNow() - SERVER)).toBeLessThan(1_000);
    expect(Math.abs(clockError() - by)).toBeLessThan(1_000);
    expect(heard).toHaveBeenCalledTimes(1);
    noteTime(told(), Date.now());
    expect(heard).toHaveBeenCalledTimes(1);
    stop();
  });

  it("tells how long ago something was, and what the last hour is", () => {
    deviceAhead(5 * HOUR);
    expect(formatRelative(SERVER - 180_000)).toMatch(/^3 min/);
    expect(rangeOfPreset("hour").since).toBe("2026-11-23T11:00:00.000Z");
  });

  it("is not read from answers that a cache may have kept, or that were long on their way", () => {
    vi.setSystemTime(SERVER + HOUR);
    noteTime(answer(new Date(SERVER).toUTCString(), "max-age=60"), Date.now());
    noteTime(told(), Date.now() - 20_000);
    noteTime(answer(""), Date.now());
    expect(serverNow()).toBe(Date.now());
  });

  it("follows when somebody sets this device's clock right", () => {
    deviceAhead(5 * HOUR);
    deviceAhead(0);
    expect(clockError()).toBe(0);
    expect(serverNow()).toBe(Date.now());
  });
});
