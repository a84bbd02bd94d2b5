import { expect, test } from "vitest";

import { schemas, valuesOf } from "./sections";

test("what a form holds becomes what the server takes", () => {
  const held = valuesOf({ fmr: 0.0001, min_similarity: null, unknown: "crop", unknown_hours: 24, unknown_purpose: "" });
  expect(held).toMatchObject({ fmr: "0.0001", min_similarity: "", unknown_hours: "24" });
  expect(schemas.recognition.parse(held)).toMatchObject({ fmr: 0.0001, min_similarity: null, unknown_hours: 24 });
});

test("templates of unknown people need a purpose", () => {
  const held = { fmr: "0.0001", min_similarity: "", unknown: "template", unknown_hours: "24", unknown_purpose: " " };
  expect(schemas.recognition.safeParse(held).error?.issues[0]?.path).toEqual(["unknown_purpose"]);
});

test("an empty number is refused", () => {
  expect(schemas.retention.safeParse({ sightings_days: "", minute_counts_days: "90" }).success).toBe(false);
});
