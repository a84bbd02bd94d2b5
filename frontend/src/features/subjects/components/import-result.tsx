import { useEffect } from "react";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { ImportRow } from "@/client/types.gen";
import { DataTable, type Column } from "@/components/data-table";
import { QueryView } from "@/components/query-view";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { formatNumber } from "@/lib/format";
import { toastError } from "@/lib/toast";

import { useApplyImport, useImportReport, useImportRows } from "../api/use-import-subjects";
import { useJob } from "../api/use-job";
import { useSubjectChanged } from "../api/use-subject-changed";
import { amounts, worstFirst } from "../lib/import-rows";
import { JobProgress } from "./job-progress";

const SHOWN = 200;
/** A code that says less than the words beside it: which column, and what is wrong with it. */
const UNSPECIFIC = "invalid_input";
const TONES = { created: "success", updated: "info", skipped: "secondary", failed: "destructive" } as const;

interface Props {
  jobId: string;
  onJob: (jobId: string | undefined) => void;
  onClose: () => void;
}

export function ImportResult({ jobId, onJob, onClose }: Props) {
  const { t } = useTranslation("subjects");
  const job = useJob(jobId);
  const isDone = job.data?.status === "done";
  const rows = useImportRows(jobId, isDone);
  const apply = useApplyImport();
  const report = useImportReport();
  const changed = useSubjectChanged();
  const isApplied = rows.data?.dry_run === false;
  const count = amounts(rows.data?.rows ?? []);

  useEffect(() => {
    if (isApplied) void changed();
    // oxlint-disable-next-line react/exhaustive-deps -- once, when it is known to be done
  }, [isApplied]);

  return (
    <>
      {!isDone && <JobProgress jobId={jobId} />}
      {isDone && (
        <QueryView query={rows} skeleton={<Skeleton className="h-64 w-full" />}>
          {(data) => (
            <div className="grid min-w-0 gap-3">
              <p role="status" className="flex flex-wrap items-center gap-1.5">
                <span className="font-medium">{t(data.dry_run ? "import.would" : "import.did")}</span>
                {Object.entries(TONES).map(([status, variant]) => (
                  <Badge key={status} variant={variant}>
                    {t(`import.status.${status}`)} {formatNumber(count[status as keyof typeof TONES])}
                  </Badge>
                ))}
              </p>
              <Rows rows={worstFirst(data.rows).slice(0, SHOWN)} />
              {data.rows.length > SHOWN && <p className="text-xs text-muted-foreground">{t("import.more")}</p>}
            </div>
          )}
        </QueryView>
      )}
      <DialogFooter>
        <Button variant="outline" onClick={onClose}>
          {t("common:close")}
        </Button>
        <Button variant="outline" onClick={() => onJob(undefined)}>
          {t("import.other")}
        </Button>
        {isDone && (
          <Button
            variant="outline"
            loading={report.isPending}
            onClick={() => report.mutate(jobId, { onError: toastError })}
          >
            <Download aria-hidden />
            {t("import.report")}
          </Button>
        )}
        {rows.data?.dry_run && (
          <Button
            loading={apply.isPending}
            disabled={count.created + count.updated === 0}
            onClick={() => apply.mutate(jobId, { onSuccess: ({ id }) => onJob(id), onError: toastError })}
          >
            {t("import.apply", { count: count.created + count.updated })}
          </Button>
        )}
      </DialogFooter>
    </>
  );
}

function Rows({ rows }: { rows: ImportRow[] }) {
  const { t } = useTranslation("subjects");
  const columns: Column<ImportRow>[] = [
    { id: "row", header: t("import.row"), cell: ({ row }) => formatNumber(row) },
    {
      id: "status",
      header: t("status"),
      cell: ({ status }) => <Badge variant={TONES[status]}>{t(`import.status.${status}`)}</Badge>,
    },
    { id: "external", header: t("externalId"), cell: ({ external_id }) => <bdi>{external_id}</bdi>, hideOnPhone: true },
    {
      id: "images",
      header: t("pictures"),
      cell: ({ images_added }) => formatNumber(images_added ?? 0),
      hideOnPhone: true,
    },
    {
      id: "why",
      header: t("import.why"),
      className: "whitespace-normal",
      cell: ({ code, detail }) => {
        if (!code) return null;
        if (code === UNSPECIFIC && detail) return <span dir="auto">{detail}</span>;
        return t(`refused.${code}`, {
          count: 0,
          defaultValue: t(`common:code.${code}`, { defaultValue: detail ?? code }),
        });
      },
    },
  ];
  return (
    <DataTable
      scroll="inside"
      className="max-h-80"
      columns={columns}
      rows={rows}
      getRowId={({ row }) => String(row)}
      caption={t("import.title")}
    />
  );
}
