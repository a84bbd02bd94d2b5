import { addDays, endOfDay, format, parseISO } from "date-fns";

import type { WatchlistIn, WatchlistOut } from "@/client/types.gen";

const SOON_DAYS = 30;
const LONGEST_DAYS = 366;
const RENEWED_DAYS = 365;
const REVIEW_AFTER_DAYS = 180;
const DAY_FORMAT = "yyyy-MM-dd";

export type Term = "over" | "soon" | "fine";

/** How a date stands: over, within the next thirty days, or later. */
export function termOf(moment: string | null, now: Date): Term {
  if (moment === null) return "fine";
  const at = parseISO(moment);
  if (at <= now) return "over";
  return at <= addDays(now, SOON_DAYS) ? "soon" : "fine";
}

export const dayOf = (moment: string | Date): string => format(moment, DAY_FORMAT);
export const lastDay = (now: Date): string => dayOf(addDays(now, LONGEST_DAYS - 1));

/** A day chosen as the end counts to its last minute; a day that was not changed keeps its time. */
export function endOf(day: string, before?: string): string {
  if (before !== undefined && dayOf(before) === day) return before;
  return endOfDay(parseISO(day)).toISOString();
}

/** Dates that a new or renewed list begins with. */
export function freshTerms(now: Date): { expires: string; review: string } {
  return { expires: dayOf(addDays(now, RENEWED_DAYS)), review: dayOf(addDays(now, REVIEW_AFTER_DAYS)) };
}

/** What a replacement has to say so that nothing changes. */
export function bodyOf(list: WatchlistOut): WatchlistIn {
  const { name, description, color, priority, is_active, legal_basis, approver, review_date, expires_at } = list;
  return { name, description, color, priority, is_active, legal_basis, approver, review_date, expires_at };
}
