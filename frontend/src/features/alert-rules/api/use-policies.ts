import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { listEscalationPoliciesOptions } from "@/client/@tanstack/react-query.gen";
import {
  createEscalationPolicy,
  deleteEscalationPolicy,
  getEscalationPolicy,
  updateEscalationPolicy,
} from "@/client/sdk.gen";
import type { EscalationPolicyIn } from "@/client/types.gen";
import { ifMatch, readWithEtag } from "@/lib/etag";
import { useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

export function usePolicies() {
  return useQuery(listEscalationPoliciesOptions({ query: { limit: 200 } }));
}

export const readPolicy = (policyId: string) => readWithEtag(getEscalationPolicy({ path: { policy_id: policyId } }));

function useChanged() {
  const cache = useQueryClient();
  return () => invalidate(cache, "listEscalationPolicies", "getEscalationPolicy");
}

/** A new policy, or another content of one that is there. */
export function useSavePolicy() {
  const key = useIdempotencyKey();
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async ({ known, body }: { known: { id: string; etag: string } | null; body: EscalationPolicyIn }) =>
      known
        ? (await updateEscalationPolicy({ path: { policy_id: known.id }, body, headers: ifMatch(known.etag) })).data
        : (await createEscalationPolicy({ body, headers: key.header() })).data,
    onError: key.renew,
    onSettled,
  });
}

export function useDeletePolicy() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: (policyId: string) => deleteEscalationPolicy({ path: { policy_id: policyId } }),
    onSettled,
  });
}
