import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { onPartMissing, untilThere } from "@/lib/lazy-part";
import { missed, reached } from "@/lib/reach";

describe("a part of the page that is fetched when it is needed", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });
  afterEach(() => vi.useRealTimers());

  it("is waited for while the server is away, and there as soon as it answers", async () => {
    const heard = vi.fn();
    const stop = onPartMissing(heard);
    let isThere = false;
    const load = vi.fn(async () => {
      if (!isThere) throw new TypeError("Failed to fetch dynamically imported module");
      return "part";
    });
    const part = untilThere(load);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(load).toHaveBeenCalledTimes(2);
    expect(heard).toHaveBeenCalled();
    isThere = true;
    missed();
    reached();
    expect(await part).toBe("part");
    stop();
  });
});
