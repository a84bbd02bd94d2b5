import { describe, expect, it } from "vitest";

import { isSlowed, stateOf } from "./status";

describe("how a camera is", () => {
  it.each([
    ["active", true, "active"],
    ["error", true, "error"],
    ["inactive", true, "connecting"],
    ["error", false, "off"],
  ] as const)("%s, watched: %s, reads %s", (status, detection_enabled, state) => {
    expect(stateOf({ status, detection_enabled })).toBe(state);
  });

  it.each([
    ["active", 2, 5, true],
    ["active", 4.9, 5, false],
    ["error", 2, 5, false],
    ["active", null, 5, false],
    ["active", 2, undefined, false],
  ] as const)("%s at %s of %s frames per second is slowed: %s", (status, sample_rate_now, normal, slowed) => {
    expect(isSlowed({ status, sample_rate_now }, normal)).toBe(slowed);
  });
});
