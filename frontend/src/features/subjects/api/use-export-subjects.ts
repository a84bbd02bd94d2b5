import { useMutation } from "@tanstack/react-query";

import { exportEverythingHeld, exportSubjects } from "@/client/sdk.gen";
import type { SubjectExportIn } from "@/client/types.gen";
import { useIdempotencyKey } from "@/lib/idempotency";

/** A list of people as a file. */
export function useExportSubjects() {
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async (body: SubjectExportIn) => (await exportSubjects({ body, headers: key.header() })).data,
    onSettled: key.renew,
  });
}

/** Everything held on one person. */
export function useAccessExport(subjectId: string) {
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async (reason: string) =>
      (await exportEverythingHeld({ path: { subject_id: subjectId }, body: { reason }, headers: key.header() })).data,
    onSettled: key.renew,
  });
}
