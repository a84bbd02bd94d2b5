import { isApiError } from "@/lib/errors";

export const PARTS = ["eye_distance", "sharpness", "frontality", "exposure"] as const;
export type Part = (typeof PARTS)[number];

/** Why a picture was not enrolled. */
export interface Refusal {
  code: string;
  detail: string;
  hint: string;
  faces: number;
  /** Of the principal face, where it was not good enough. */
  measured: Partial<Record<Part | "quality", number>>;
  resembles: { subjectId: string; similarity: number } | null;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

export function refusalOf(error: unknown): Refusal {
  if (!isApiError(error)) return { code: "unknown", detail: "", hint: "", faces: 0, measured: {}, resembles: null };
  const { faces, resembles } = error.problem;
  const seen = Array.isArray(faces) ? faces.filter(isRecord) : [];
  const first = seen[0];
  const measured: Refusal["measured"] = {};
  if (first && error.code === "low_quality")
    for (const part of [...PARTS, "quality"] as const) {
      const value = first[part];
      if (typeof value === "number") measured[part] = value;
    }
  const other =
    isRecord(resembles) && typeof resembles.subject_id === "string" && typeof resembles.similarity === "number"
      ? { subjectId: resembles.subject_id, similarity: resembles.similarity }
      : null;
  return { code: error.code, detail: error.detail, hint: error.hint, faces: seen.length, measured, resembles: other };
}
