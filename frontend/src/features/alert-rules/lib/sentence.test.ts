import { beforeAll, expect, test } from "vitest";

import { i18n, startI18n } from "@/lib/i18n";

import { sentence, type Names } from "./sentence";

const NAMES: Names = {
  camera: () => "Gate 2",
  group: () => "Yard",
  watchlist: () => "Guests",
  subject: () => "Anna",
};

beforeAll(async () => {
  await startI18n("en");
  await i18n.loadNamespaces("rules");
});

test.each([
  [{}, "When anybody enrolled is seen at any camera."],
  [
    { watchlist_id: 1, camera_id: "c", frequency: { count: 3, within_seconds: 3600, place: "anywhere" as const } },
    "When anybody on “Guests” is seen at Gate 2, 3 times within 1 hr over all cameras.",
  ],
  [
    { subject_id: "s", group_id: "g", schedule: { windows: [{ days: ["fri" as const], from: "22:00", to: "06:00" }] } },
    "When Anna is seen at a camera of Yard, Fri 22:00–06:00.",
  ],
])("%j reads as a sentence", (rule, expected) => {
  expect(sentence(rule, NAMES, i18n.getFixedT("en", "rules"))).toBe(expected);
});
