import { expect, test } from "vitest";

import { everyDay } from "./days";

test("days without alerts are shown too", () => {
  const shown = everyDay([{ day: "2026-11-22", alerts: 3 }], 3, new Date("2026-11-23T04:00:00Z"));
  expect(shown).toEqual([
    { day: "2026-11-20", alerts: 0 },
    { day: "2026-11-21", alerts: 0 },
    { day: "2026-11-22", alerts: 3 },
    { day: "2026-11-23", alerts: 0 },
  ]);
});

test("a day that has begun elsewhere is not lost", () => {
  const shown = everyDay([{ day: "2026-11-24", alerts: 1 }], 1, new Date("2026-11-23T20:00:00Z"));
  expect(shown.at(-1)).toEqual({ day: "2026-11-24", alerts: 1 });
});
