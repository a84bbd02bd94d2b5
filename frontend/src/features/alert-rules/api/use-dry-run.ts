import { useMutation } from "@tanstack/react-query";

import { dryRunAlertRule } from "@/client/sdk.gen";
import type { DryRunIn } from "@/client/types.gen";

/** What a rule would have done. It looks at people: on record as a search. */
export function useDryRun() {
  return useMutation({ mutationFn: async (body: DryRunIn) => (await dryRunAlertRule({ body })).data });
}
