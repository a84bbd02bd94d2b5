import { expect, it } from "vitest";

import type { AuditEntryOut } from "@/client/types.gen";

import { changedFields } from "./changes";

const entry = (old_values: AuditEntryOut["old_values"], new_values: AuditEntryOut["new_values"]) =>
  ({ old_values, new_values }) as AuditEntryOut;

it("names what an update changed, and nothing of what stayed or has no name", () => {
  const before = { name: "Door", config: { privacy: [] }, detection_enabled: true, updated_at: "1" };
  expect(changedFields(entry(before, { ...before, name: "Gate", config: { privacy: [1] }, updated_at: "2" }))).toEqual([
    "name",
    "config",
  ]);
  expect(changedFields(entry(null, null))).toEqual([]);
});
