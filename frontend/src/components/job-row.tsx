import { Download, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { JobOut } from "@/client/types.gen";
import { TimeAgo } from "@/components/time-ago";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";

interface Props {
  job: JobOut;
  title: string;
  onCancel?: () => void;
}

/** Work in the background: how far it is, why it failed, and what came of it. */
export function JobRow({ job, title, onCancel }: Props) {
  const { t } = useTranslation("kit");
  const isOpen = job.status === "queued" || job.status === "running";
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate" dir="auto" title={job.result_name ?? title}>
          {title}
        </p>
        <p className="text-xs text-muted-foreground">
          <TimeAgo value={job.created_at} />
          {job.error_detail && <span className="text-destructive"> · {job.error_detail}</span>}
        </p>
      </div>
      {job.status === "running" ? (
        <Progress className="w-28" value={job.progress * 100} aria-label={t("job.progress", { title })} />
      ) : (
        <Badge variant={job.status === "failed" ? "destructive" : "secondary"}>{t(`job.${job.status}`)}</Badge>
      )}
      {job.status === "done" && job.result_name && (
        <Button asChild size="sm" variant="outline">
          <a href={`/v1/jobs/${job.id}/result`} download={job.result_name}>
            <Download aria-hidden />
            {t("job.download")}
          </a>
        </Button>
      )}
      {isOpen && onCancel && (
        <Button
          size="icon-sm"
          variant="ghost"
          disabled={job.cancel_requested}
          onClick={onCancel}
          aria-label={t("job.cancel")}
        >
          <X aria-hidden />
        </Button>
      )}
    </div>
  );
}
