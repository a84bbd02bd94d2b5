import { useMutation } from "@tanstack/react-query";

import { changePassword } from "@/client/sdk.gen";
import type { ChangePasswordIn } from "@/client/types.gen";

interface Change {
  userId: string;
  body: ChangePasswordIn;
}

/** Ends all sessions of the account: log in again afterwards. */
export function useChangePassword() {
  return useMutation({
    mutationFn: ({ userId, body }: Change) => changePassword({ path: { user_id: userId }, body }),
  });
}
