import { useMutation } from "@tanstack/react-query";

import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from "@/client/sdk.gen";
import type { RemoveSecondFactorIn } from "@/client/types.gen";

/** The secret for an authenticator app; nothing is switched on yet. */
export function useBeginSecondFactor() {
  return useMutation({
    mutationFn: async (password: string) => (await beginSecondFactor({ body: { password } })).data,
  });
}

/** Switched on by a first code; the recovery codes are shown this once. */
export function useConfirmSecondFactor() {
  return useMutation({
    mutationFn: async (code: string) => (await confirmSecondFactor({ body: { code } })).data.recovery_codes,
  });
}

export function useRemoveSecondFactor() {
  return useMutation({ mutationFn: (body: RemoveSecondFactorIn) => removeSecondFactor({ body }) });
}
