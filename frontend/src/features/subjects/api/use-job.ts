import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { getJobOptions } from "@/client/@tanstack/react-query.gen";
import { getJobResult } from "@/client/sdk.gen";
import type { JobOut } from "@/client/types.gen";
import { useTopic } from "@/hooks/use-web-socket";
import { saveBlob } from "@/lib/save";

export const isOver = ({ status }: Pick<JobOut, "status">) => ["done", "failed", "cancelled"].includes(status);

/** Work in the background, live. */
export function useJob(jobId: string) {
  const cache = useQueryClient();
  const options = getJobOptions({ path: { job_id: jobId } });
  // The end is read anew: an older answer may be on its way while the event arrives.
  useTopic("jobs", (job) => {
    if (job.id === jobId && isOver(job)) void cache.invalidateQueries({ queryKey: options.queryKey });
  });
  return useQuery({ ...options, staleTime: 0 });
}

export function useJobResult() {
  return useMutation({
    mutationFn: async ({ id, result_name }: Pick<JobOut, "id" | "result_name">) => {
      const { data } = await getJobResult({ path: { job_id: id }, parseAs: "blob" });
      if (data instanceof Blob) saveBlob(result_name ?? "result", data);
    },
  });
}
