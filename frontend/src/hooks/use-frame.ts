import { useQuery } from "@tanstack/react-query";

import { getCameraSnapshot } from "@/client/sdk.gen";
import { useObjectUrl } from "@/hooks/use-object-url";

const ATTEMPTS = 4; // a camera that nobody looks at takes a moment until it shows something
const PAUSE_MS = 1500;

/** One picture of a camera to draw on, asked for with the purpose that was stated; again() takes another one. */
export function useFrame(cameraId: string): { src: string | null; isMissing: boolean; again: () => void } {
  const frame = useQuery({
    queryKey: ["frame to draw on", cameraId],
    queryFn: async ({ signal }) => {
      const { data } = await getCameraSnapshot({ path: { camera_id: cameraId }, parseAs: "blob", signal });
      return data instanceof Blob ? data : null;
    },
    retry: ATTEMPTS,
    retryDelay: PAUSE_MS,
    staleTime: Infinity,
    gcTime: 0,
  });
  return { src: useObjectUrl(frame.data ?? null), isMissing: frame.isError, again: () => void frame.refetch() };
}
