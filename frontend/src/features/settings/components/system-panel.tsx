import { Copy, RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SystemInformationOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { formatBytes, formatDateTime, formatDuration, formatNumber } from "@/lib/format";
import { toast, toastError } from "@/lib/toast";

import { useSystemInformation } from "../api/use-settings";

function rowsOf(info: SystemInformationOut): [string, string][] {
  const { database, redis, storage, queues, machine } = info;
  return [
    ["version", info.version],
    ["asOf", formatDateTime(info.as_of)],
    ["database", `PostgreSQL ${database.version} · pgvector ${database.pgvector ?? "–"}`],
    ["schema", database.schema_revision],
    ["databaseSize", formatBytes(database.size_bytes)],
    ["connections", formatNumber(database.connections)],
    ["redis", redis.is_up ? `${redis.version ?? "?"} · ${formatBytes(redis.used_memory_bytes ?? 0)}` : "–"],
    ["storage", storage.kind],
    ["disk", `${formatBytes(storage.disk_free_bytes)} / ${formatBytes(storage.disk_total_bytes)}`],
    ["jobsQueued", formatNumber(queues.jobs_queued)],
    ["jobsRunning", formatNumber(queues.jobs_running)],
    ["notificationsPending", formatNumber(queues.notifications_pending)],
    ["notificationsFailed", formatNumber(queues.notifications_failed)],
    ["objectsToRemove", formatNumber(queues.objects_to_remove)],
    ["statisticChanges", formatNumber(queues.statistic_changes)],
    ["machine", `${machine.system} · Python ${machine.python}`],
    ["cores", formatNumber(machine.cores)],
    ["load", machine.load_average === null ? "–" : formatNumber(machine.load_average)],
    ["memory", formatBytes(machine.memory_bytes)],
    ["uptime", formatDuration(machine.uptime_seconds)],
  ];
}

/** What the system consists of and how much waits, to read or to copy. */
export function SystemPanel() {
  const { t } = useTranslation("settings");
  const system = useSystemInformation();
  function copy(info: SystemInformationOut) {
    const text = rowsOf(info).map(([key, value]) => `${t(`system.${key}`)}: ${value}`);
    navigator.clipboard.writeText(text.join("\n")).then(() => toast.success(t("copied")), toastError);
  }
  return (
    <QueryView query={system} skeleton={<Skeleton className="h-96" />}>
      {(info) => (
        <section className="grid gap-3">
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 className="text-base font-semibold">{t("nav.system")}</h2>
            <span className="flex gap-2">
              <Button size="sm" variant="outline" onClick={() => copy(info)}>
                <Copy aria-hidden />
                {t("copy")}
              </Button>
              <Button size="sm" variant="outline" loading={system.isFetching} onClick={() => void system.refetch()}>
                <RefreshCw aria-hidden />
                {t("refresh")}
              </Button>
            </span>
          </div>
          <dl className="grid gap-x-6 rounded-md border bg-card px-3 sm:grid-cols-2">
            {rowsOf(info).map(([key, value]) => (
              <div key={key} className="flex justify-between gap-4 border-b py-1.5">
                <dt className="text-muted-foreground">{t(`system.${key}`)}</dt>
                <dd className="min-w-0 text-end break-words tabular-nums">
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </QueryView>
  );
}
