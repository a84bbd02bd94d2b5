import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { listJobsOptions } from "@/client/@tanstack/react-query.gen";
import { cancelJob, createReport } from "@/client/sdk.gen";
import type { ReportIn } from "@/client/types.gen";
import { useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

/** Ask for a report: a job that events keep current. */
export function useCreateReport() {
  const cache = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async (body: ReportIn) => (await createReport({ body, headers: key.header() })).data,
    onSettled: () => {
      key.renew();
      return invalidate(cache, "listJobs");
    },
  });
}

/** Reports of the last day, the newest first. */
export function useReportJobs() {
  return useQuery(listJobsOptions({ query: { kind: "report", limit: 20 } }));
}

export function useCancelReport() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (jobId: string) => cancelJob({ path: { job_id: jobId } }),
    onSettled: () => invalidate(cache, "listJobs"),
  });
}
