import { useQuery } from "@tanstack/react-query";

import { getSightingImage } from "@/client/sdk.gen";

/** The best shot as a file, to search with it. */
export function useSightingPicture(sightingId: string | undefined) {
  return useQuery({
    queryKey: ["picture to search with", sightingId],
    queryFn: async ({ signal }) => {
      const { data } = await getSightingImage({ path: { sighting_id: sightingId ?? "" }, parseAs: "blob", signal });
      if (!(data instanceof Blob)) throw new Error("the picture has no content");
      return new File([data], "sighting.jpg", { type: data.type });
    },
    enabled: sightingId !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}
