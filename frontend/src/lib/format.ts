import { serverNow } from "@/lib/clock";
import { i18n } from "@/lib/i18n";

/** A time as the API gives it (RFC 3339), in milliseconds, or a Date. */
export type Moment = string | number | Date;

/** The user's language as spoken where the browser says they live: en with a British browser is en-GB. */
function locale(): string {
  const language = i18n.language ?? "en";
  return navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
}

// Making a formatter takes 50 times as long as using one; lists use thousands.
const made = new Map<string, unknown>();

function once<T>(kind: string, options: object, make: (locale: string) => T): T {
  const where = locale();
  const key = `${kind} ${where} ${JSON.stringify(options)}`;
  const found = made.get(key) as T | undefined;
  if (found !== undefined) return found;
  const formatter = make(where);
  made.set(key, formatter);
  return formatter;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once("date", options, (where) => new Intl.DateTimeFormat(where, options));
}

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return once("number", options, (where) => new Intl.NumberFormat(where, options)).format(value);
}

/** 0.123 is 12 %. */
export function formatPercent(value: number, digits = 0): string {
  return formatNumber(value, { style: "percent", maximumFractionDigits: digits });
}

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** In steps of 1000, as Intl's units are. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1);
  const value = bytes / 1000 ** step;
  return formatNumber(value, {
    style: "unit",
    unit: BYTE_UNITS[step],
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  });
}

interface DateOptions {
  /** IANA name; the viewer's where it is not given. */
  timeZone?: string;
}

interface TimeOptions extends DateOptions {
  seconds?: boolean;
  /** Names the zone: "14:02 CET". */
  zoneName?: boolean;
}

export function formatDate(value: Moment, { timeZone }: DateOptions = {}): string {
  return dates({ day: "numeric", month: "short", year: "numeric", timeZone }).format(new Date(value));
}

function clock({ timeZone, seconds = false, zoneName = false }: TimeOptions): Intl.DateTimeFormatOptions {
  return {
    hour: "2-digit",
    minute: "2-digit",
    second: seconds ? "2-digit" : undefined,
    timeZoneName: zoneName ? "short" : undefined,
    timeZone,
  };
}

export function formatTime(value: Moment, options: TimeOptions = {}): string {
  return dates(clock(options)).format(new Date(value));
}

export function formatDateTime(value: Moment, options: TimeOptions = {}): string {
  return dates({ day: "numeric", month: "short", year: "numeric", ...clock(options) }).format(new Date(value));
}

const SPANS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** "5 minutes ago", "in 2 days"; "now" within the minute. */
export function formatRelative(value: Moment, now: Moment = serverNow()): string {
  const seconds = (new Date(value).getTime() - new Date(now).getTime()) / 1000;
  const format = once(
    "relative",
    {},
    (where) => new Intl.RelativeTimeFormat(where, { numeric: "auto", style: "short" }),
  );
  for (const [unit, length] of SPANS) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return format.format(0, "second");
}

const LENGTHS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Seconds by their two largest units: "1 hr, 5 min"; below ten seconds with a tenth. */
export function formatDuration(seconds: number): string {
  const part = (value: number, unit: string, digits = 0) =>
    formatNumber(value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits });
  if (seconds < 10) return part(seconds, "second", 1);
  const whole = Math.round(seconds);
  const first = LENGTHS.findIndex(([, length]) => whole >= length);
  const [unit, length] = LENGTHS[first] ?? LENGTHS[3];
  const parts = [part(Math.floor(whole / length), unit)];
  const next = LENGTHS[first + 1];
  const rest = next ? Math.floor((whole % length) / next[1]) : 0;
  if (next && rest > 0) parts.push(part(rest, next[0]));
  return once("list", {}, (where) => new Intl.ListFormat(where, { type: "unit", style: "short" })).format(parts);
}

/** A probability as people say it: 1e-5 is "1 in 100,000". To two digits, for more is not known. */
export function formatRate(rate: number): string {
  if (rate <= 0) return formatNumber(0);
  return i18n.t("kit:oneIn", { number: formatNumber(1 / rate, { maximumSignificantDigits: 2 }) });
}
