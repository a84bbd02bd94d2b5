import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { listMySessionsOptions } from "@/client/@tanstack/react-query.gen";
import { endMySession } from "@/client/sdk.gen";
import { invalidate } from "@/lib/query";

/** Where one is logged in. */
export function useSessions() {
  return useQuery({ ...listMySessionsOptions(), staleTime: 0 });
}

export function useEndSession() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (sessionId: string) => endMySession({ path: { session_id: sessionId } }),
    onSettled: () => invalidate(cache, "listMySessions"),
  });
}
