import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";

import {
  listAuditEntriesInfiniteOptions,
  listErasuresInfiniteOptions,
  verifyAuditChainOptions,
} from "@/client/@tanstack/react-query.gen";
import { exportAuditLog, verifyReceipt } from "@/client/sdk.gen";
import type { AuditExportIn, ListAuditEntriesData } from "@/client/types.gen";
import { PAGED } from "@/lib/query";
import { saveBlob } from "@/lib/save";

export function useAuditEntries(query: NonNullable<ListAuditEntriesData["query"]>) {
  return useInfiniteQuery({ ...listAuditEntriesInfiniteOptions({ query: { ...query, limit: 100 } }), ...PAGED });
}

/** The whole chain is read: it may take a while, and begins when asked. */
export function useChainCheck() {
  return useQuery({ ...verifyAuditChainOptions(), enabled: false, retry: false });
}

export function useExportAudit() {
  return useMutation({
    mutationFn: async (body: AuditExportIn) => {
      const { data } = await exportAuditLog({ body, parseAs: "blob" });
      saveBlob(`audit.${body.format ?? "csv"}`, data instanceof Blob ? data : new Blob([String(data)]));
    },
  });
}

export function useErasures() {
  return useInfiniteQuery({ ...listErasuresInfiniteOptions({ query: { limit: 50 } }), ...PAGED });
}

export function useVerifyReceipt() {
  return useMutation({
    mutationFn: async (receipt: string) => (await verifyReceipt({ body: { receipt: receipt.trim() } })).data,
  });
}
