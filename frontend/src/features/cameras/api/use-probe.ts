import { useMutation } from "@tanstack/react-query";

import { validateStreamUrl } from "@/client/sdk.gen";
import type { ProbeIn } from "@/client/types.gen";

/** Open an address without adding it; that nobody answers is an answer, no error. */
export function useProbe() {
  return useMutation({ mutationFn: async (body: ProbeIn) => (await validateStreamUrl({ body })).data });
}
