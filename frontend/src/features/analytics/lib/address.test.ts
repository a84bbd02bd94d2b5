import { expect, it } from "vitest";

import { intervalFor } from "./address";

const DAY = 86_400_000;

it.each([
  [1, undefined, "hour"],
  [30, undefined, "day"],
  [200, undefined, "week"],
  [700, undefined, "month"],
  [30, "hour", "hour"],
  [60, "hour", "day"],
  [2, "month", "month"],
] as const)("%i days, chosen %s: by %s", (days, chosen, expected) => {
  expect(intervalFor(0, days * DAY, chosen)).toBe(expected);
});
