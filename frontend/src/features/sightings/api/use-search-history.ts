import { useMutation, useQueryClient } from "@tanstack/react-query";

import { listSimilarSightings, searchSightings } from "@/client/sdk.gen";
import type { HistorySearchOut, SearchRequestOut } from "@/client/types.gen";
import { isApiError } from "@/lib/errors";
import { invalidate } from "@/lib/query";

import { cropFace, type Box } from "../lib/crop";

export interface HistoryGiven {
  file: File;
  /** The face that is meant, where the picture shows several: the search itself takes the largest. */
  box?: Box;
  /** The sighting that the picture is of: its template is looked for, if one is kept. */
  sightingId?: string;
  where: { camera_id?: string[]; since?: string; until?: string; top_k?: number };
}

export type HistoryAnswer = { kind: "found"; found: HistorySearchOut } | { kind: "waits"; request: SearchRequestOut };

async function search({ file, box, sightingId, where }: HistoryGiven): Promise<HistoryAnswer> {
  if (sightingId) {
    const found = await similar(sightingId, where);
    if (found) return { kind: "found", found };
  }
  const picture = box ? await cropFace(file, box) : file;
  const { data } = await searchSightings({ body: { ...where, file: picture } });
  return "items" in data ? { kind: "found", found: data } : { kind: "waits", request: data };
}

/** Null where only a search by picture will do: no template is kept, or a second person has to approve. */
async function similar(sightingId: string, where: HistoryGiven["where"]): Promise<HistorySearchOut | null> {
  try {
    return (await listSimilarSightings({ path: { sighting_id: sightingId }, query: where })).data;
  } catch (error) {
    if (isApiError(error, "conflict", "approval_required")) return null;
    throw error;
  }
}

/** Where was this face seen before? Needs a purpose; where the house wants a second person, it waits for one. */
export function useSearchHistory() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: search,
    onSuccess: (answer) => answer.kind === "waits" && invalidate(client, "listSearches"),
  });
}
