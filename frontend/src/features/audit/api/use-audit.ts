import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";

import {
  listAuditEntriesInfiniteOptions,
  listErasuresInfiniteOptions,
  verifyAuditChainOptions,
} from "@/client/@tanstack/react-query.gen";
import { verifyReceipt } from "@/client/sdk.gen";
import { PAGED } from "@/lib/query";

import type { AuditQuery } from "../lib/audit-query";

export function useAuditEntries(query: AuditQuery, enabled: boolean) {
  return useInfiniteQuery({
    ...listAuditEntriesInfiniteOptions({ query: { ...query, limit: 100 } }),
    ...PAGED,
    enabled,
  });
}

/** The whole chain is read: it may take a while, and begins when asked. */
export function useChainCheck() {
  return useQuery({ ...verifyAuditChainOptions(), enabled: false, retry: false });
}

export function useErasures() {
  return useInfiniteQuery({ ...listErasuresInfiniteOptions({ query: { limit: 50 } }), ...PAGED });
}

export function useVerifyReceipt() {
  return useMutation({
    mutationFn: async (receipt: string) => (await verifyReceipt({ body: { receipt: receipt.trim() } })).data,
  });
}
