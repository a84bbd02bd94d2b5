import type { DayOut } from "@/client/types.gen";

const DAY_MS = 86_400_000;

/** Days without alerts too, which the API leaves out: those up to today, and a day that another zone begins earlier. */
export function everyDay(given: DayOut[], days: number, now: Date = new Date()): DayOut[] {
  const found = new Map(given.map(({ day, alerts }) => [day, alerts]));
  const last = Math.max(now.getTime(), ...given.map(({ day }) => Date.parse(day)));
  const first = Math.min(now.getTime() - days * DAY_MS, ...given.map(({ day }) => Date.parse(day)));
  const shown: DayOut[] = [];
  for (let at = first; dayOf(at) <= dayOf(last); at += DAY_MS) {
    const day = dayOf(at);
    shown.push({ day, alerts: found.get(day) ?? 0 });
  }
  return shown;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
