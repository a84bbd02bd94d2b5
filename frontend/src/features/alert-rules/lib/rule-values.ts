import { z } from "zod";

import type { RuleIn, RuleOut } from "@/client/types.gen";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const WEEKDAYS = DAYS;

const window = z
  .object({
    days: z.array(z.enum(DAYS)).min(1, "problem.noDay"),
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "problem.time"),
    to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "problem.time"),
    holidays: z.enum(["any", "not_on", "only"]),
  })
  .refine(({ from, to }) => from !== to, { path: ["to"], message: "problem.emptyWindow" });
export type WindowValues = z.output<typeof window>;

const schedule = z.object({
  time_zone: z.string().nullable(),
  windows: z.array(window).max(21, "problem.windows"),
  holidays: z.object({
    country: z.string().nullable(),
    subdivision: z.string().nullable(),
    dates: z.array(z.string()),
  }),
});
export type ScheduleValues = z.output<typeof schedule>;

const seconds = (least: number, most: number) =>
  z.number({ error: "problem.number" }).int("problem.number").min(least, "problem.short").max(most, "problem.long");
const DAY = 86_400;

export const ruleSchema = z
  .object({
    name: z.string().trim().min(1, "problem.name").max(100, "problem.long"),
    is_active: z.boolean(),
    who: z.enum(["anybody", "list", "person", "unknown"]),
    watchlist_id: z.number().nullable(),
    subject_id: z.string().nullable(),
    unknown_after_seconds: seconds(0, DAY),
    where: z.enum(["anywhere", "camera", "group"]),
    camera_id: z.string().nullable(),
    group_id: z.string().nullable(),
    zone: z.array(z.array(z.tuple([z.number(), z.number()]))).nullable(),
    max_fmr: z.number().nullable(),
    min_similarity: z
      .number({ error: "problem.number" })
      .min(-1, "problem.similarity")
      .max(1, "problem.similarity")
      .nullable(),
    schedule,
    frequency: z
      .object({
        count: z
          .number({ error: "problem.number" })
          .int("problem.number")
          .min(2, "problem.count")
          .max(1000, "problem.long"),
        within_seconds: seconds(1, 31 * DAY),
        place: z.enum(["camera", "anywhere"]),
      })
      .nullable(),
    co_presence: z
      .object({
        subject_id: z.string().min(1, "problem.person"),
        within_seconds: seconds(0, DAY),
        place: z.enum(["camera", "group"]),
      })
      .nullable(),
    severity: z.enum(["list", "low", "medium", "high", "critical"]),
    cooldown_seconds: seconds(0, 7 * DAY),
    cooldown_scope: z.enum(["subject_and_camera", "subject", "rule"]),
    quiet_hours: schedule
      .extend({
        windows: z.array(window).min(1, "problem.noWindow").max(21, "problem.windows"),
        spares_critical: z.boolean(),
      })
      .nullable(),
    channel_ids: z.array(z.string()).max(20, "problem.channels"),
    escalation: z.string(),
    snoozed_until: z.string().nullable(),
  })
  .superRefine((rule, context) => {
    const missing = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (rule.who === "list" && rule.watchlist_id === null) missing("watchlist_id", "problem.list");
    if (rule.who === "person" && rule.subject_id === null) missing("subject_id", "problem.person");
    if (rule.where === "camera" && rule.camera_id === null) missing("camera_id", "problem.camera");
    if (rule.where === "group" && rule.group_id === null) missing("group_id", "problem.group");
  });
export type RuleValues = z.output<typeof ruleSchema>;

/** Fields of the API that this form calls otherwise. */
export const FIELD_NAMES = { escalation_policy_id: "escalation", is_escalated: "escalation" } as const;

export const ALWAYS: ScheduleValues = {
  time_zone: null,
  windows: [],
  holidays: { country: null, subdivision: null, dates: [] },
};
export const NIGHT: WindowValues = { days: [...DAYS], from: "22:00", to: "06:00", holidays: "any" };

export const NEW_RULE: RuleValues = {
  name: "",
  is_active: true,
  who: "list",
  watchlist_id: null,
  subject_id: null,
  unknown_after_seconds: 10,
  where: "anywhere",
  camera_id: null,
  group_id: null,
  zone: null,
  max_fmr: null,
  min_similarity: null,
  schedule: ALWAYS,
  frequency: null,
  co_presence: null,
  severity: "list",
  cooldown_seconds: 300,
  cooldown_scope: "subject_and_camera",
  quiet_hours: null,
  channel_ids: [],
  escalation: "default",
  snoozed_until: null,
};

function scheduleValues(given: RuleOut["schedule"]): ScheduleValues {
  return {
    time_zone: given.time_zone ?? null,
    windows: (given.windows ?? []).map(({ days, from, to, holidays }) => ({
      days: [...(days ?? DAYS)],
      from,
      to,
      holidays: holidays ?? "any",
    })),
    holidays: {
      country: given.holidays?.country ?? null,
      subdivision: given.holidays?.subdivision ?? null,
      dates: [...(given.holidays?.dates ?? [])],
    },
  };
}

export function valuesOf(rule: RuleOut): RuleValues {
  const { frequency, co_presence, quiet_hours } = rule;
  return {
    ...NEW_RULE,
    name: rule.name,
    is_active: rule.is_active,
    who: rule.unknown_person ? "unknown" : rule.subject_id ? "person" : rule.watchlist_id ? "list" : "anybody",
    watchlist_id: rule.watchlist_id,
    subject_id: rule.subject_id,
    unknown_after_seconds: rule.unknown_after_seconds,
    where: rule.camera_id ? "camera" : rule.group_id ? "group" : "anywhere",
    camera_id: rule.camera_id,
    group_id: rule.group_id,
    zone: rule.zone,
    max_fmr: rule.max_fmr,
    min_similarity: rule.min_similarity,
    schedule: scheduleValues(rule.schedule),
    frequency: frequency && { ...frequency, place: frequency.place ?? "camera" },
    co_presence: co_presence && {
      subject_id: co_presence.subject_id,
      within_seconds: co_presence.within_seconds ?? 60,
      place: co_presence.place ?? "camera",
    },
    severity: rule.severity ?? "list",
    cooldown_seconds: rule.cooldown_seconds,
    cooldown_scope: rule.cooldown_scope,
    quiet_hours: quiet_hours && {
      ...scheduleValues(quiet_hours),
      spares_critical: quiet_hours.spares_critical ?? true,
    },
    channel_ids: rule.channels.map(({ id }) => id),
    escalation: rule.is_escalated ? (rule.escalation_policy_id ?? "default") : "none",
    snoozed_until: rule.snoozed_until,
  };
}

/** What the API takes. Fields of choices that are not made are left out of it. */
export function ruleOf({ who, where, severity, escalation, ...rule }: RuleValues): RuleIn {
  return {
    ...rule,
    name: rule.name.trim(),
    unknown_person: who === "unknown",
    watchlist_id: who === "list" || who === "person" ? rule.watchlist_id : null,
    subject_id: who === "person" ? rule.subject_id : null,
    co_presence: who === "person" ? rule.co_presence : null,
    camera_id: where === "camera" ? rule.camera_id : null,
    group_id: where === "group" ? rule.group_id : null,
    zone: where === "camera" && rule.zone?.length ? rule.zone : null,
    severity: severity === "list" ? null : severity,
    is_escalated: escalation !== "none",
    escalation_policy_id: escalation === "none" || escalation === "default" ? null : escalation,
  };
}

/** A rule as it is, to be sent again. */
export function bodyOf(rule: RuleOut): RuleIn {
  const { id: _id, channels, warnings: _w, created_by: _by, created_at: _at, updated_at: _u, ...rest } = rule;
  return { ...rest, channel_ids: channels.map(({ id }) => id) };
}

/** What a dry run depends on: a new name or another channel needs no new one. */
export function conditionsOf(values: RuleValues): string {
  const { name: _n, is_active: _a, channel_ids: _c, severity: _s, quiet_hours: _q, ...rest } = ruleOf(values);
  const { is_escalated: _e, escalation_policy_id: _p, snoozed_until: _z, ...conditions } = rest;
  return JSON.stringify(conditions);
}
