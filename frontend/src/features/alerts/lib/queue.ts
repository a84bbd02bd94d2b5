import type { AlertOut } from "@/client/types.gen";

export type QueueRow = { kind: "day"; id: string; day: string } | { kind: "alert"; id: string; alert: AlertOut };

/** All pages as one list: each alert once, in the order of the server although events put changed ones on top. */
export function inOrder(pages: readonly { items: readonly AlertOut[] }[], sort: "newest" | "severity"): AlertOut[] {
  const known = new Map<string, AlertOut>();
  for (const page of pages) for (const item of page.items) if (!known.has(item.id)) known.set(item.id, item);
  const items = [...known.values()];
  return sort === "newest" ? items.toSorted(newerFirst) : items;
}

function newerFirst(one: AlertOut, other: AlertOut): number {
  return Date.parse(other.created_at) - Date.parse(one.created_at) || (one.id < other.id ? 1 : -1);
}

/** With a heading where a day of the viewer's calendar begins. */
export function withDays(items: readonly AlertOut[]): QueueRow[] {
  const rows: QueueRow[] = [];
  let last = "";
  for (const alert of items) {
    const day = new Date(alert.created_at).toDateString();
    if (day !== last) rows.push({ kind: "day", id: day, day: alert.created_at });
    last = day;
    rows.push({ kind: "alert", id: alert.id, alert });
  }
  return rows;
}

export function withoutDays(items: readonly AlertOut[]): QueueRow[] {
  return items.map((alert) => ({ kind: "alert", id: alert.id, alert }));
}

/**
 * Where j (1) and k (-1) lead. An alert that was handled leaves the queue; place says where it stood, so that the next
 * one is the one that took its place.
 */
export function neighbour(ids: readonly string[], chosen: string | undefined, step: 1 | -1, place = 0): string | null {
  if (ids.length === 0) return null;
  const at = chosen === undefined ? -1 : ids.indexOf(chosen);
  if (at >= 0) return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
  if (chosen === undefined) return ids[0] ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, step === 1 ? place : place - 1))] ?? null;
}

/** How many came above the one that was the first: what the list has to be moved by to stand still. */
export function cameAbove(before: readonly string[], after: readonly string[]): number {
  const first = before[0];
  if (first === undefined) return 0;
  return Math.max(0, after.indexOf(first));
}
