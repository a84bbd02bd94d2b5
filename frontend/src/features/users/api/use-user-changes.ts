import { useMutation, useQueryClient } from "@tanstack/react-query";

import { changePassword, createUser, deleteUser, getUser, replaceUser, resetSecondFactor } from "@/client/sdk.gen";
import type { NewUserIn, UserIn } from "@/client/types.gen";
import { ifMatch, readWithEtag } from "@/lib/etag";
import { useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

function useChanged() {
  const cache = useQueryClient();
  return () => invalidate(cache, "listUsers", "getUser");
}

export function useCreateUser() {
  const key = useIdempotencyKey();
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async (body: NewUserIn) => (await createUser({ body, headers: key.header() })).data,
    onError: key.renew, // a corrected form is another request
    onSettled,
  });
}

/** An account as it is now, with what a change of it needs. */
export const readUser = (userId: string) => readWithEtag(getUser({ path: { user_id: userId } }));

export function useReplaceUser() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: ({ userId, etag, body }: { userId: string; etag: string; body: UserIn }) =>
      replaceUser({ path: { user_id: userId }, body, headers: ifMatch(etag) }),
    onSettled,
  });
}

export function useDeleteUser() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: (userId: string) => deleteUser({ path: { user_id: userId } }),
    onSettled,
  });
}

export function useResetSecondFactor() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: (userId: string) => resetSecondFactor({ path: { user_id: userId } }),
    onSettled,
  });
}

/** A new password for somebody else, who has to change it at the next login. */
export function useSetPassword() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: ({ userId, password }: { userId: string; password: string }) =>
      changePassword({ path: { user_id: userId }, body: { new_password: password } }),
    onSettled,
  });
}
