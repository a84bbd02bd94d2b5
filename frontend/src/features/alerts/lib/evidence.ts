import type { AlertOut, CandidateOut, SightingDetailOut } from "@/client/types.gen";

export interface Match {
  similarity: number | null;
  falseMatchRate: number | null;
  isBound: boolean;
  pictureUrl: string | null;
}

/** How alike the alert's person and its sighting are: by the ranked list, for the sighting may be of another by now. */
export function matchOf(alert: AlertOut, sighting: SightingDetailOut | undefined): Match {
  const candidate = sighting?.candidates.find((one: CandidateOut) => one.subject_id === alert.subject_id);
  if (candidate && alert.subject_id)
    return {
      similarity: candidate.similarity,
      falseMatchRate: candidate.false_match_rate,
      isBound: candidate.false_match_rate_is_bound,
      pictureUrl: candidate.picture_url ?? null,
    };
  const isTheirs = sighting !== undefined && sighting.subject_id === alert.subject_id && alert.subject_id !== null;
  return {
    similarity: alert.similarity,
    falseMatchRate: isTheirs ? sighting.false_match_rate : null,
    isBound: isTheirs && sighting.false_match_rate_is_bound,
    pictureUrl: null,
  };
}

/** Others that resemble the face, the most similar first. */
export function others(alert: AlertOut, sighting: SightingDetailOut): CandidateOut[] {
  return sighting.candidates.filter((one) => one.subject_id !== alert.subject_id);
}
