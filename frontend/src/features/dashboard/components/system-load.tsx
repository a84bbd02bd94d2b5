import { useTranslation } from "react-i18next";

import type { SystemInformationOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Progress } from "@/components/ui/progress";
import { formatBytes, formatDuration, formatNumber, formatPercent } from "@/lib/format";

import { useSystemLoad } from "../api/use-system-load";
import { RowsSkeleton } from "./rows-skeleton";
import { Section } from "./section";

/** How busy the machine is, and what waits. minute: the dashboard's newest. */
export function SystemLoad({ minute }: { minute: string | undefined }) {
  const { t } = useTranslation("dashboard");
  const system = useSystemLoad(minute);
  return (
    <Section title={t("system.title")}>
      <QueryView query={system} skeleton={<RowsSkeleton rows={4} />}>
        {(found) => <Facts system={found} />}
      </QueryView>
    </Section>
  );
}

function Facts({ system }: { system: SystemInformationOut }) {
  const { t } = useTranslation("dashboard");
  const { machine, storage, queues } = system;
  const load = machine.load_average ?? null;
  const used = 1 - storage.disk_free_bytes / storage.disk_total_bytes;
  return (
    <dl className="grid gap-3 p-4">
      {load !== null && (
        <Meter label={t("system.load")} share={load / machine.cores}>
          {t("system.loadOf", {
            load: formatNumber(load, { maximumFractionDigits: 1 }),
            count: machine.cores,
            cores: formatNumber(machine.cores),
          })}
        </Meter>
      )}
      <Meter label={t("system.disk")} share={used}>
        {t("system.diskFree", { free: formatBytes(storage.disk_free_bytes), share: formatPercent(1 - used) })}
      </Meter>
      <Fact label={t("system.jobs")}>{formatNumber(queues.jobs_queued + queues.jobs_running)}</Fact>
      <Fact label={t("system.notifications")}>{formatNumber(queues.notifications_pending)}</Fact>
      {queues.notifications_failed > 0 && (
        <Fact label={t("system.failed")}>
          <span className="text-destructive">{formatNumber(queues.notifications_failed)}</span>
        </Fact>
      )}
      <Fact label={t("system.redis")}>{t(system.redis.is_up ? "system.up" : "system.down")}</Fact>
      <Fact label={t("system.uptime")}>{formatDuration(machine.uptime_seconds)}</Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex justify-between gap-3">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="tabular-nums">{children}</dd>
    </div>
  );
}

function Meter({ label, share, children }: { label: string; share: number; children: React.ReactNode }) {
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="text-end tabular-nums">{children}</dd>
      <dd className="col-span-2">
        <Progress aria-label={label} value={100 * Math.min(1, share)} />
      </dd>
    </div>
  );
}
