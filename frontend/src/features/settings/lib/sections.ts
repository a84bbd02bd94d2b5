import { z } from "zod";

export const SECTIONS = ["general", "cameras", "recognition", "alerts", "retention", "privacy"] as const;
export type SectionName = (typeof SECTIONS)[number];

const number = (min: number, max: number) => z.coerce.number("number").min(min, "number").max(max, "number");
const whole = (min: number, max: number) => number(min, max).int("number");
const text = (min: number, max: number) => z.string().trim().min(min, "missing").max(max, "long");

/** What the server takes, from what a form holds: texts and switches. */
export const schemas = {
  general: z.object({ system_name: text(1, 100), time_zone: text(1, 64), language: text(2, 6) }),
  cameras: z.object({ sample_rate: number(0.1, 60), min_eye_distance: number(0.1, 1000) }),
  recognition: z
    .object({
      fmr: number(1e-9, 0.999999),
      min_similarity: z.preprocess((given) => (given === "" ? null : given), number(-1, 1).nullable()),
      unknown: z.enum(["count", "crop", "template"]),
      unknown_hours: whole(1, 24 * 366),
      unknown_purpose: z.string().trim().max(500, "long"),
    })
    .refine((value) => value.unknown !== "template" || value.unknown_purpose !== "", {
      path: ["unknown_purpose"],
      message: "missing",
    }),
  alerts: z.object({ cooldown_seconds: whole(0, 7 * 86_400) }),
  retention: z.object({ sightings_days: whole(1, 3660), minute_counts_days: whole(3, 3660) }),
  privacy: z.object({
    purpose_required: z.boolean(),
    search_needs_approval: z.boolean(),
    match_needs_verification: z.boolean(),
    backups_kept_days: whole(0, 3650),
  }),
};

export interface FieldKind {
  name: string;
  kind: "text" | "number" | "switch" | "choice" | "zone" | "rate";
  choices?: string[];
}

export const FIELDS: Record<SectionName, FieldKind[]> = {
  general: [
    { name: "system_name", kind: "text" },
    { name: "time_zone", kind: "zone" },
    { name: "language", kind: "choice", choices: ["en", "de", "fr", "es", "ar"] },
  ],
  cameras: [
    { name: "sample_rate", kind: "number" },
    { name: "min_eye_distance", kind: "number" },
  ],
  recognition: [
    { name: "fmr", kind: "rate" },
    { name: "min_similarity", kind: "number" },
    { name: "unknown", kind: "choice", choices: ["count", "crop", "template"] },
    { name: "unknown_hours", kind: "number" },
    { name: "unknown_purpose", kind: "text" },
  ],
  alerts: [{ name: "cooldown_seconds", kind: "number" }],
  retention: [
    { name: "sightings_days", kind: "number" },
    { name: "minute_counts_days", kind: "number" },
  ],
  privacy: [
    { name: "purpose_required", kind: "switch" },
    { name: "search_needs_approval", kind: "switch" },
    { name: "match_needs_verification", kind: "switch" },
    { name: "backups_kept_days", kind: "number" },
  ],
};

export type Values = Record<string, string | boolean>;

/** As a form holds it. */
export function valuesOf(section: object): Values {
  return Object.fromEntries(
    Object.entries(section).map(([name, value]) => [name, typeof value === "boolean" ? value : String(value ?? "")]),
  );
}
