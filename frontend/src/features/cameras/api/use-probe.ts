import { useMutation } from "@tanstack/react-query";

import { importCameras, validateStreamUrl } from "@/client/sdk.gen";
import type { ProbeIn } from "@/client/types.gen";

/** Open an address without adding it, and say whether a camera has it already; that nobody answers is no error. */
export function useProbe() {
  return useMutation({
    mutationFn: async (body: ProbeIn) => {
      const [probe, isTaken] = await Promise.all([validateStreamUrl({ body }), isKnown(body.stream_url)]);
      return { ...probe.data, isTaken };
    },
  });
}

/** A playlist of this one address, looked at: the server compares addresses without their logins. */
async function isKnown(url: string): Promise<boolean> {
  const { data } = await importCameras({ body: { playlist: url.replaceAll(/\s/g, ""), dry_run: true } });
  return data.items.some(({ state }) => state === "duplicate");
}
