import type { GetExpectedFalseAlarmsOfAllData } from "@/client/types.gen";

import { schemas, type Values } from "./sections";

type Choice = NonNullable<GetExpectedFalseAlarmsOfAllData["query"]>;

/** The threshold that a form of recognition holds: an own similarity goes before the rate; null: what is typed is none. */
export function choiceOf(values: Values): Choice | null {
  const { fmr, min_similarity: similarity } = schemas.recognition.shape;
  const own = similarity.safeParse(values.min_similarity);
  if (!own.success) return null;
  if (own.data !== null) return { min_similarity: own.data };
  const rate = fmr.safeParse(values.fmr);
  return rate.success ? { fmr: rate.data } : null;
}
