import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ListTodo } from "lucide-react";
import { useTranslation } from "react-i18next";

import { listJobsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import { cancelJob } from "@/client/sdk.gen";
import { EmptyState } from "@/components/empty-state";
import { JobRow } from "@/components/job-row";
import { QueryView } from "@/components/query-view";
import { Skeleton } from "@/components/ui/skeleton";
import { VirtualList } from "@/components/virtual-list";
import { invalidate, PAGED } from "@/lib/query";
import { toastError } from "@/lib/toast";

/** Work in the background: one's own, for administrators everybody's. */
export function JobsPanel() {
  const { t } = useTranslation("settings");
  const cache = useQueryClient();
  const jobs = useInfiniteQuery({ ...listJobsInfiniteOptions({ query: { limit: 50 } }), ...PAGED });
  const cancel = useMutation({
    mutationFn: (id: string) => cancelJob({ path: { job_id: id } }),
    onError: toastError,
    onSettled: () => invalidate(cache, "listJobs"),
  });
  return (
    <section className="grid grid-cols-1 gap-3">
      <h2 className="text-base font-semibold">{t("nav.jobs")}</h2>
      <QueryView
        query={jobs}
        skeleton={<Skeleton className="h-96" />}
        isEmpty={({ pages }) => pages.every((page) => page.items.length === 0)}
        empty={<EmptyState icon={ListTodo} title={t("jobs.none")} description={t("jobs.noneHint")} />}
      >
        {({ pages }) => (
          <VirtualList
            className="rounded-md border bg-card"
            label={t("nav.jobs")}
            items={pages.flatMap((page) => page.items)}
            estimateSize={56}
            getKey={({ id }) => id}
            hasMore={jobs.hasNextPage}
            onMore={() => void jobs.fetchNextPage()}
            isLoadingMore={jobs.isFetchingNextPage}
            renderItem={(job) => (
              <JobRow job={job} title={t(`jobs.${job.kind}`)} onCancel={() => cancel.mutate(job.id)} />
            )}
          />
        )}
      </QueryView>
    </section>
  );
}
