import { z } from "zod";

import type { ListAlertsData } from "@/client/types.gen";
import { serverDate } from "@/lib/clock";
import { DATE_PRESETS, resolveRange, type DateRange } from "@/lib/date-range";

export const TABS = ["new", "acknowledged", "resolved", "all"] as const;
export type Tab = (typeof TABS)[number];
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export const VERDICTS = ["true_match", "false_match", "test", "unclear"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the address of the page says. */
export const urlSchema = z.object({
  status: z.enum(TABS).default("new"),
  severity: z.array(z.enum(SEVERITIES)).default([]),
  verdict: z.array(z.enum(VERDICTS)).default([]),
  camera: z.uuid().optional(),
  subject: z.uuid().optional(),
  watchlist: z.number().int().positive().optional(),
  rule: z.uuid().optional(),
  mine: z.boolean().default(false),
  pending: z.boolean().default(false),
  preset: z.enum(DATE_PRESETS).optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  sort: z.enum(["newest", "severity"]).default("newest"),
  /** The chosen alert. */
  alert: z.uuid().optional(),
});
export type UrlState = z.output<typeof urlSchema>;
export type ListQuery = NonNullable<ListAlertsData["query"]>;

/** The filters as the API takes them, status and order aside: counts go by these. */
export function filtersOf(state: UrlState, userId: string | undefined, now = serverDate()): ListQuery {
  const query: ListQuery = { ...resolveRange(rangeOf(state), now) };
  if (state.severity.length) query.severity = state.severity;
  if (state.verdict.length) query.verdict = state.verdict;
  if (state.camera) query.camera_id = state.camera;
  if (state.subject) query.subject_id = state.subject;
  if (state.watchlist) query.watchlist_id = state.watchlist;
  if (state.rule) query.rule_id = state.rule;
  if (state.mine && userId) query.assigned_to = userId;
  if (state.pending) query.verification = "pending";
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

export function listQueryOf(filters: ListQuery, { status, sort }: Pick<UrlState, "status" | "sort">): ListQuery {
  return {
    ...filters,
    ...(status === "all" ? {} : { status: [status] }),
    ...(sort === "severity" ? { sort: "-severity" } : {}),
  };
}

export function rangeOf({ preset, since, until }: Pick<UrlState, "preset" | "since" | "until">): DateRange {
  return { preset, since, until };
}

/** A preset is kept as such, so that a link means the week before it is opened. */
export function rangeChange({ preset, since, until }: DateRange): Pick<UrlState, "preset" | "since" | "until"> {
  return preset ? { preset, since: undefined, until: undefined } : { preset: undefined, since, until };
}

export const NO_FILTERS = {
  severity: [],
  verdict: [],
  camera: undefined,
  subject: undefined,
  watchlist: undefined,
  rule: undefined,
  mine: false,
  pending: false,
  preset: undefined,
  since: undefined,
  until: undefined,
} satisfies Partial<UrlState>;

export function hasFilters(state: UrlState): boolean {
  return Object.keys(NO_FILTERS).some((name) => {
    const value = state[name as keyof typeof NO_FILTERS];
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  });
}
