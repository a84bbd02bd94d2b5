import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { JobOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { Skeleton } from "@/components/ui/skeleton";
import { formatPercent } from "@/lib/format";
import { toastError } from "@/lib/toast";

import { isOver, useJob, useJobResult } from "../api/use-job";

/** How far work in the background is, live; then its result. */
export function JobProgress({ jobId }: { jobId: string }) {
  const job = useJob(jobId);
  return (
    <QueryView query={job} skeleton={<Skeleton className="h-14 w-full" />}>
      {(data) => <Progressed job={data} />}
    </QueryView>
  );
}

function Progressed({ job }: { job: JobOut }) {
  const { t } = useTranslation("subjects");
  const result = useJobResult();
  if (job.status === "failed" || job.status === "cancelled")
    return (
      <Alert variant="destructive" role="alert">
        <AlertTitle>{t(`job.${job.status}`)}</AlertTitle>
        {job.error_detail && <AlertDescription>{job.error_detail}</AlertDescription>}
      </Alert>
    );
  return (
    <div className="grid gap-2">
      <div role="status" className="flex justify-between text-sm">
        <span>{t(`job.${job.status}`)}</span>
        {!isOver(job) && <span className="tabular-nums">{formatPercent(job.progress)}</span>}
      </div>
      <Progress value={job.status === "done" ? 1 : job.progress} max={1} aria-label={t(`job.${job.status}`)} />
      {job.status === "done" && job.result_name && (
        <Button
          className="w-fit"
          loading={result.isPending}
          onClick={() => result.mutate(job, { onError: toastError })}
        >
          <Download aria-hidden />
          {t("job.download")}
        </Button>
      )}
      <p className="text-xs text-muted-foreground">
        {t("job.stays")}{" "}
        <Link to="/settings/jobs" className="text-primary underline underline-offset-4">
          {t("job.where")}
        </Link>
      </p>
    </div>
  );
}
