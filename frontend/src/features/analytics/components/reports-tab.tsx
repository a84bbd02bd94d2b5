import { useState, type SyntheticEvent } from "react";
import { FileText } from "lucide-react";
import { useTranslation } from "react-i18next";

import { EmptyState } from "@/components/empty-state";
import { JobRow } from "@/components/job-row";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { Skeleton } from "@/components/ui/skeleton";
import { useUrlState } from "@/hooks/use-url-state";
import { toast, toastError } from "@/lib/toast";

import { useCancelReport, useCreateReport, useReportJobs } from "../api/use-reports";
import { analyticsAddress } from "../lib/address";
import { TIME_ZONE, useSpan } from "../lib/use-span";
import { SubjectChoice } from "./subject-choice";
import { Choice } from "./trends-tab";

const KINDS = ["activity", "alerts", "accuracy", "subject"] as const;
const FORMATS = ["pdf", "xlsx", "csv"] as const;

/** A report over the chosen time, made in the background; without pictures of people. */
export function ReportsTab() {
  const { t } = useTranslation("analytics");
  const { span } = useSpan();
  const create = useCreateReport();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("activity");
  const [format, setFormat] = useState<(typeof FORMATS)[number]>("pdf");
  const [title, setTitle] = useState("");
  const [{ subject }] = useUrlState(analyticsAddress);
  const about = kind === "subject" ? { subject_id: subject } : {};

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    create.mutate(
      { ...span, ...about, kind, format, title: title.trim(), time_zone: TIME_ZONE },
      { onSuccess: () => toast.success(t("reports.begun")), onError: toastError },
    );
  }

  return (
    <section className="grid grid-cols-1 gap-5">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3 rounded-lg border bg-card p-4">
        <Choice
          label={t("reports.kind")}
          value={kind}
          options={KINDS.map((one) => [one, t(`reports.kinds.${one}`)])}
          onChange={(chosen) => setKind(KINDS.find((one) => one === chosen) ?? "activity")}
        />
        {kind === "subject" && (
          <div className="w-full sm:w-64">
            <SubjectChoice />
          </div>
        )}
        <Choice
          label={t("reports.format")}
          value={format}
          options={FORMATS.map((one) => [one, t(`reports.formats.${one}`)])}
          onChange={(chosen) => setFormat(FORMATS.find((one) => one === chosen) ?? "pdf")}
        />
        <div className="grid min-w-56 flex-1 gap-1.5">
          <Label htmlFor="report-title">{t("reports.title")}</Label>
          <Input
            id="report-title"
            dir="auto"
            maxLength={200}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </div>
        <Button type="submit" loading={create.isPending} disabled={kind === "subject" && !subject}>
          {t("reports.create")}
        </Button>
      </form>
      <ReportList />
    </section>
  );
}

function ReportList() {
  const { t } = useTranslation("analytics");
  const jobs = useReportJobs();
  const cancel = useCancelReport();
  return (
    <QueryView
      query={jobs}
      skeleton={<Skeleton className="h-32 w-full" />}
      isEmpty={({ items }) => items.length === 0}
      empty={<EmptyState icon={FileText} title={t("reports.none")} description={t("reports.noneHint")} />}
    >
      {({ items }) => (
        <ul aria-label={t("tabs.reports")} className="divide-y rounded-md border">
          {items.map((job) => (
            <li key={job.id}>
              <JobRow
                job={job}
                title={job.result_name ?? t("reports.report")}
                onCancel={() => cancel.mutate(job.id, { onError: toastError })}
              />
            </li>
          ))}
        </ul>
      )}
    </QueryView>
  );
}
