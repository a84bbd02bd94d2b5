import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ListTodo } from "lucide-react";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { listJobsInfiniteOptions } from "@/client/@tanstack/react-query.gen";
import { cancelJob } from "@/client/sdk.gen";
import { EmptyState } from "@/components/empty-state";
import { JobRow } from "@/components/job-row";
import { QueryView } from "@/components/query-view";
import { Skeleton } from "@/components/ui/skeleton";
import { ToggleGroup, ToggleGroupItem } from "@/components/ui/toggle-group";
import { VirtualList } from "@/components/virtual-list";
import { useAuth } from "@/hooks/use-auth";
import { useUrlState } from "@/hooks/use-url-state";
import { invalidate, PAGED } from "@/lib/query";
import { toastError } from "@/lib/toast";

const address = z.object({ whose: z.enum(["all", "mine"]).default("all") });

/** Work in the background: one's own, for administrators everybody's or one's own. */
export function JobsPanel() {
  const { t } = useTranslation("settings");
  const cache = useQueryClient();
  const { user } = useAuth();
  const seesAll = user?.role === "admin";
  const [{ whose }, setAddress] = useUrlState(address);
  const mine = seesAll && whose === "mine" ? { created_by: user.user_id } : {};
  const jobs = useInfiniteQuery({ ...listJobsInfiniteOptions({ query: { ...mine, limit: 50 } }), ...PAGED });
  const cancel = useMutation({
    mutationFn: (id: string) => cancelJob({ path: { job_id: id } }),
    onError: toastError,
    onSettled: () => invalidate(cache, "listJobs"),
  });
  return (
    <section className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-base font-semibold">{t("nav.jobs")}</h2>
        {seesAll && (
          <ToggleGroup
            type="single"
            aria-label={t("jobs.whose")}
            value={whose}
            onValueChange={(next) => next && setAddress(address.parse({ whose: next }))}
          >
            <ToggleGroupItem value="all">{t("jobs.all")}</ToggleGroupItem>
            <ToggleGroupItem value="mine">{t("jobs.mine")}</ToggleGroupItem>
          </ToggleGroup>
        )}
      </div>
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
