import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { forget, keepAlive, onSession, renew, schedule } from "@/lib/session";

const answer =
  (status: number, body: object = {}) =>
  async () =>
    new Response(JSON.stringify(body), { status });

describe("the session of a browser", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    forget();
    vi.unstubAllGlobals();
  });

  it("is renewed before its token ends, and tells so", async () => {
    const asked = vi.fn(answer(200, { expires_in: 900 }));
    vi.stubGlobal("fetch", asked);
    const news: string[] = [];
    const stop = onSession((one) => news.push(one));
    keepAlive(900);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(news).toEqual(["renewed"]);
    stop();
  });

  it("is renewed once, however many requests found their token ended", async () => {
    const asked = vi.fn(answer(200, { expires_in: 900 }));
    vi.stubGlobal("fetch", asked);
    expect(await Promise.all([renew(), renew(), renew()])).toEqual([true, true, true]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it("has ended where the server says so", async () => {
    vi.stubGlobal("fetch", answer(401));
    expect(await renew()).toBe(false);
  });

  it.each([409, 429, 503])("goes on after status %i: another tab was faster, or the server is busy", async (status) => {
    vi.stubGlobal("fetch", answer(status));
    expect(await renew()).toBe(true);
  });

  it("goes on while the network is away, and asks again", async () => {
    const asked = vi.fn(async () => {
      throw new TypeError("network");
    });
    vi.stubGlobal("fetch", asked);
    expect(await renew()).toBe(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it.each([5, -5])("is renewed in time after the device's clock was set by %i hours", async (hours) => {
    const asked = vi.fn(answer(200, { expires_in: 900 }));
    vi.stubGlobal("fetch", asked);
    keepAlive(900);
    vi.setSystemTime(Date.now() + hours * 3_600_000);
    schedule(); // as a tab that is opened now does
    await vi.advanceTimersByTimeAsync(700_000);
    expect(asked).toHaveBeenCalled();
  });
});
