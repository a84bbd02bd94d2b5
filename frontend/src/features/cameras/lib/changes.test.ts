import { expect, it } from "vitest";

import type { AuditEntryOut } from "@/client/types.gen";

import { changedFields, stateChange } from "./changes";

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

it("tells a change of state with its reason from other changes", () => {
  const before = { status: "active", status_message: "", name: "Door" };
  expect(stateChange(entry(before, { ...before, status: "error", status_message: "refused" }))).toEqual({
    status: "error",
    message: "refused",
  });
  expect(stateChange(entry(before, { ...before, name: "Gate" }))).toBeNull();
  expect(stateChange(entry(null, null))).toBeNull();
});
