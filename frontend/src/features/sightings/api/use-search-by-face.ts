import { useMutation } from "@tanstack/react-query";

import { searchSubjects } from "@/client/sdk.gen";
import type { FaceSearchOut } from "@/client/types.gen";

export interface FaceGiven {
  file: File;
  /** Its number, where the picture shows several. */
  face?: number;
}

/** Who is this? The picture is not kept; that one searched, and whom it found, goes on record. */
export function useSearchByFace() {
  return useMutation({
    mutationFn: async ({ file, face }: FaceGiven): Promise<FaceSearchOut> =>
      (await searchSubjects({ body: { file }, query: face === undefined ? {} : { face } })).data,
  });
}
