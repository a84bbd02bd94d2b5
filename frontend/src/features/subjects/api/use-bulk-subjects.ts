import { useMutation } from "@tanstack/react-query";

import { changeSubjects } from "@/client/sdk.gen";
import type { SubjectChangeIn } from "@/client/types.gen";
import { newKey } from "@/lib/idempotency";

import { useSubjectChanged } from "./use-subject-changed";

const MOST = 500; // of one call

/** The same change of many people. */
export function useBulkSubjects() {
  const onSettled = useSubjectChanged();
  return useMutation({
    mutationFn: async ({ ids, change }: { ids: string[]; change: SubjectChangeIn }) => {
      const failed: string[] = [];
      for (let start = 0; start < ids.length; start += MOST) {
        const part = ids.slice(start, start + MOST);
        const headers = { "Idempotency-Key": newKey() };
        const { data } = await changeSubjects({ body: { ids: part, change }, headers });
        failed.push(...data.items.filter(({ done }) => !done).map(({ id }) => id));
      }
      return { failed, done: ids.length - failed.length };
    },
    onSettled,
  });
}
