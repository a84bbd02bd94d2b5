import { expect, test } from "vitest";

import { conditionsOf, NEW_RULE, ruleOf, ruleSchema, valuesOf } from "./rule-values";

const SUBJECT = "01a20000-0000-7000-8000-000000000001";
const CAMERA = "01a20000-0000-7000-8000-000000000002";

function problems(change: object): string[] {
  const result = ruleSchema.safeParse({ ...NEW_RULE, name: "Night", who: "anybody", ...change });
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
}

test.each([
  [{}, []],
  [{ name: " " }, ["name problem.name"]],
  [{ who: "list" }, ["watchlist_id problem.list"]],
  [{ who: "person" }, ["subject_id problem.person"]],
  [{ where: "camera" }, ["camera_id problem.camera"]],
  [{ where: "group" }, ["group_id problem.group"]],
  [{ frequency: { count: 1, within_seconds: 60, place: "camera" } }, ["frequency.count problem.count"]],
  [
    { schedule: { ...NEW_RULE.schedule, windows: [{ days: [], from: "22:00", to: "22:00", holidays: "any" }] } },
    ["schedule.windows.0.days problem.noDay", "schedule.windows.0.to problem.emptyWindow"],
  ],
])("%j is found wrong as %j", (change, expected) => {
  expect(problems(change)).toEqual(expected);
});

test("what was chosen before and is not any more is not sent", () => {
  const zone: [number, number][][] = [
    [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
  ];
  const given = { ...NEW_RULE, who: "unknown" as const, watchlist_id: 3, subject_id: SUBJECT, camera_id: CAMERA, zone };
  expect(ruleOf(given)).toMatchObject({
    unknown_person: true,
    watchlist_id: null,
    subject_id: null,
    camera_id: null,
    zone: null,
    severity: null,
    is_escalated: true,
    escalation_policy_id: null,
  });
});

test("a dry run holds for another name, and not for another person", () => {
  const before = conditionsOf(NEW_RULE);
  expect(conditionsOf({ ...NEW_RULE, name: "Other", channel_ids: ["x"], severity: "high" })).toBe(before);
  expect(conditionsOf({ ...NEW_RULE, who: "person", subject_id: SUBJECT })).not.toBe(before);
});

test("a rule as the API shows it comes through the form unchanged", () => {
  const sent = ruleOf({ ...NEW_RULE, name: "Night", who: "person", subject_id: SUBJECT, escalation: "none" });
  const { channel_ids: _ids, ...rest } = sent;
  const shown = {
    ...rest,
    id: CAMERA,
    channels: [],
    warnings: [],
    created_by: null,
    created_at: "2026-11-23T00:00:00Z",
    updated_at: "2026-11-23T00:00:00Z",
  };
  expect(ruleOf(valuesOf(shown as Parameters<typeof valuesOf>[0]))).toEqual(sent);
});
