import { useMutation, useQuery } from "@tanstack/react-query";

import { getImportOptions } from "@/client/@tanstack/react-query.gen";
import { applyImport, getImport, importSubjects } from "@/client/sdk.gen";
import type { ImportSubjectsForm } from "@/client/types.gen";
import { useIdempotencyKey } from "@/lib/idempotency";
import { saveText } from "@/lib/save";

/** A dry run: says what would happen. */
export function useImportSubjects() {
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async (body: ImportSubjectsForm) => (await importSubjects({ body, headers: key.header() })).data,
    onSettled: key.renew,
  });
}

/** What became of each row, once the job is over. */
export function useImportRows(jobId: string, isDone: boolean) {
  return useQuery({ ...getImportOptions({ path: { job_id: jobId } }), enabled: isDone, staleTime: 0 });
}

export function useApplyImport() {
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async (jobId: string) =>
      (await applyImport({ path: { job_id: jobId }, body: {}, headers: key.header() })).data,
    onSettled: key.renew,
  });
}

export function useImportReport() {
  return useMutation({
    mutationFn: async (jobId: string) => {
      const { data } = await getImport({ path: { job_id: jobId }, query: { format: "csv" }, parseAs: "text" });
      saveText("import.csv", String(data), "text/csv");
    },
  });
}
