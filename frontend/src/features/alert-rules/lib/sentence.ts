import type { TFunction } from "i18next";

import type { RuleIn } from "@/client/types.gen";
import { formatDuration, formatNumber, formatRate } from "@/lib/format";
import { i18n } from "@/lib/i18n";

import { WEEKDAYS } from "./rule-values";

export interface Names {
  camera: (id: string) => string | undefined;
  group: (id: string) => string | undefined;
  watchlist: (id: number) => string | undefined;
  subject: (id: string) => string | undefined;
}

/** A Monday at noon, so that days of the week have names. */
const MONDAY = Date.UTC(2024, 0, 1, 12);

export function dayName(day: (typeof WEEKDAYS)[number], weekday: "short" | "long" | "narrow" = "short"): string {
  const date = new Date(MONDAY + WEEKDAYS.indexOf(day) * 86_400_000);
  return new Intl.DateTimeFormat(i18n.language, { weekday, timeZone: "UTC" }).format(date);
}

/** Mo–Fr as a stretch, others one by one. */
function daysText(days: readonly (typeof WEEKDAYS)[number][]): string {
  const chosen = WEEKDAYS.filter((day) => days.includes(day));
  const first = chosen[0];
  const last = chosen.at(-1);
  if (!first || !last) return "";
  const isStretch = WEEKDAYS.indexOf(last) - WEEKDAYS.indexOf(first) === chosen.length - 1;
  if (isStretch && chosen.length > 2) return `${dayName(first)}–${dayName(last)}`;
  return chosen.map((day) => dayName(day)).join(", ");
}

/** What a rule watches, in one sentence of the user's language. */
export function sentence(rule: Partial<RuleIn>, names: Names, t: TFunction<"rules">): string {
  const clauses = [...placeClauses(rule, t), ...timeClauses(rule, t), ...personClauses(rule, names, t)];
  return t("sentence.whole", {
    who: who(rule, names, t),
    where: where(rule, names, t),
    clauses: clauses.map((clause) => `, ${clause}`).join(""),
  });
}

function who(rule: Partial<RuleIn>, names: Names, t: TFunction<"rules">): string {
  const gone = t("sentence.gone");
  if (rule.unknown_person) return t("sentence.unknown");
  if (rule.subject_id) return names.subject(rule.subject_id) ?? t("sentence.person");
  if (rule.watchlist_id) return t("sentence.list", { name: names.watchlist(rule.watchlist_id) ?? gone });
  return t("sentence.anybody");
}

function where(rule: Partial<RuleIn>, names: Names, t: TFunction<"rules">): string {
  const gone = t("sentence.gone");
  if (rule.camera_id) return t("sentence.camera", { name: names.camera(rule.camera_id) ?? gone });
  if (rule.group_id) return t("sentence.group", { name: names.group(rule.group_id) ?? gone });
  return t("sentence.anywhere");
}

function placeClauses({ zone }: Partial<RuleIn>, t: TFunction<"rules">): string[] {
  return zone?.length ? [t("sentence.zone", { count: zone.length })] : [];
}

function timeClauses({ schedule, frequency }: Partial<RuleIn>, t: TFunction<"rules">): string[] {
  const clauses = (schedule?.windows ?? []).map(({ days = [...WEEKDAYS], from, to, holidays }) =>
    [
      t("sentence.window", { days: daysText(days), from, to }),
      holidays === "only" ? t("sentence.onHolidays") : holidays === "not_on" ? t("sentence.notOnHolidays") : "",
    ]
      .filter(Boolean)
      .join(" "),
  );
  if (frequency) {
    const key = frequency.place === "anywhere" ? "sentence.oftenAnywhere" : "sentence.oftenCamera";
    clauses.push(t(key, { times: formatNumber(frequency.count), time: formatDuration(frequency.within_seconds) }));
  }
  return clauses;
}

function personClauses(rule: Partial<RuleIn>, names: Names, t: TFunction<"rules">): string[] {
  const clauses: string[] = [];
  if (rule.unknown_person)
    clauses.push(t("sentence.unknownFor", { time: formatDuration(rule.unknown_after_seconds ?? 10) }));
  if (rule.co_presence)
    clauses.push(t("sentence.together", { name: names.subject(rule.co_presence.subject_id) ?? t("sentence.person") }));
  if (rule.subject_id && rule.watchlist_id)
    clauses.push(t("sentence.whileOn", { name: names.watchlist(rule.watchlist_id) ?? t("sentence.gone") }));
  if (rule.max_fmr) clauses.push(t("sentence.rate", { rate: formatRate(rule.max_fmr) }));
  if (rule.min_similarity !== null && rule.min_similarity !== undefined)
    clauses.push(t("sentence.similarity", { value: formatNumber(rule.min_similarity, { maximumFractionDigits: 2 }) }));
  return clauses;
}
