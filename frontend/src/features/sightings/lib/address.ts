import { z } from "zod";

import type { ListSightingsData, SightingExportIn } from "@/client/types.gen";
import { serverDate } from "@/lib/clock";
import { DATE_PRESETS, resolveRange, type DateRange } from "@/lib/date-range";

export const VERDICTS = ["confirmed", "rejected", "assigned"] as const;
export const VIEWS = ["list", "grid"] as const;

/** What the address of the page says. */
export const urlSchema = z.object({
  view: z.enum(VIEWS).default("list"),
  sort: z.enum(["-detected_at", "detected_at"]).default("-detected_at"),
  preset: z.enum(DATE_PRESETS).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  camera: z.array(z.uuid()).default([]),
  group: z.uuid().optional(),
  subject: z.array(z.uuid()).default([]),
  watchlist: z.number().int().positive().optional(),
  known: z.boolean().optional(),
  open: z.boolean().optional(),
  verdict: z.enum(VERDICTS).optional(),
  similarity: z.number().min(-1).max(1).optional(),
  quality: z.number().min(0).max(1).optional(),
  /** The sighting that is looked at beside the list. */
  selected: z.uuid().optional(),
  /** A search by face stands in place of the list: by a picture, or by the face of a sighting. */
  search: z.enum(["face"]).optional(),
  like: z.uuid().optional(),
});
export type UrlState = z.output<typeof urlSchema>;
export type Query = NonNullable<ListSightingsData["query"]>;
export type Filters = Omit<SightingExportIn, "format" | "byte_order_mark">;

export const NO_FILTERS = {
  preset: undefined,
  since: undefined,
  until: undefined,
  camera: [],
  group: undefined,
  subject: [],
  watchlist: undefined,
  known: undefined,
  open: undefined,
  verdict: undefined,
  similarity: undefined,
  quality: undefined,
} satisfies Partial<UrlState>;

/** The filters as the API takes them; what is not set is left out, so that one view has one cache entry. */
export function filtersOf(state: UrlState, now = serverDate()): Filters {
  const all: Filters = {
    ...resolveRange(rangeOf(state), now),
    camera_id: state.camera.length ? state.camera : undefined,
    group_id: state.group,
    subject_id: state.subject.length ? state.subject : undefined,
    watchlist_id: state.watchlist,
    known: state.known,
    open: state.open,
    verdict: state.verdict,
    min_similarity: state.similarity,
    min_quality: state.quality,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export function rangeOf({ preset, since, until }: Pick<UrlState, "preset" | "since" | "until">): DateRange {
  return { preset, since, until };
}

/** A preset is kept as such, so that a link means the week before it is opened. */
export function rangeChange({ preset, since, until }: DateRange): Pick<UrlState, "preset" | "since" | "until"> {
  return preset ? { preset, since: undefined, until: undefined } : { preset: undefined, since, until };
}

export function hasFilters(state: UrlState): boolean {
  return Object.keys(NO_FILTERS).some((name) => {
    const value = state[name as keyof typeof NO_FILTERS];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
}
