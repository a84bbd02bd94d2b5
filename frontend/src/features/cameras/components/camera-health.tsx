import { useTranslation } from "react-i18next";

import type { AuditEntryOut, CameraDetailOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { QueryView } from "@/components/query-view";
import { StatCard } from "@/components/stat-card";
import { StatusDot } from "@/components/status-dot";
import { Timestamp } from "@/components/timestamp";
import { Badge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { ToggleGroup, ToggleGroupItem } from "@/components/ui/toggle-group";
import { useUrlState } from "@/hooks/use-url-state";
import { formatDuration, formatNumber, formatPercent } from "@/lib/format";

import { useCameraChanges, useCameraHealth } from "../api/use-camera-health";
import { cameraAddress } from "../lib/address";
import { changedFields, stateChange } from "../lib/changes";
import { HealthBar } from "./health-bar";

const DAYS = ["1", "7", "30"] as const;

/** When a camera gave no pictures, and what people changed of it meanwhile. */
export function CameraHealth({ camera }: { camera: CameraDetailOut }) {
  const { t } = useTranslation("cameras");
  const [{ days }, setAddress] = useUrlState(cameraAddress);
  const health = useCameraHealth(camera.id, Number(days));
  return (
    <div className="grid grid-cols-1 gap-4">
      <ToggleGroup
        type="single"
        value={days}
        aria-label={t("health.span")}
        onValueChange={(chosen) => chosen && setAddress({ days: cameraAddress.shape.days.parse(chosen) })}
      >
        {DAYS.map((count) => (
          <ToggleGroupItem key={count} value={count}>
            {t("health.days", { count: Number(count) })}
          </ToggleGroupItem>
        ))}
      </ToggleGroup>
      <QueryView query={health} skeleton={<Skeleton className="h-72 w-full" />}>
        {({ since, until, watched_minutes: watched, gaps, has_more: hasMore }) => {
          const passed = (Date.parse(until) - Date.parse(since)) / 60_000;
          return (
            <section className="grid grid-cols-1 gap-4">
              <div className="grid gap-3 sm:grid-cols-3">
                <StatCard label={t("health.watched")} value={passed > 0 ? formatPercent(watched / passed, 1) : "–"} />
                <StatCard label={t("health.gaps")} value={`${formatNumber(gaps.length)}${hasMore ? "+" : ""}`} />
                <StatCard
                  label={t("health.longest")}
                  value={gaps.length ? formatDuration(60 * Math.max(...gaps.map(({ minutes }) => minutes))) : "–"}
                />
              </div>
              {passed > 0 && <HealthBar since={since} until={until} gaps={gaps} />}
              <p className="text-muted-foreground">{t("health.honest")}</p>
              {gaps.length === 0 ? (
                <p>{passed > 0 ? t("health.none") : t("health.young")}</p>
              ) : (
                <ul className="max-h-96 divide-y overflow-y-auto rounded-md border" aria-label={t("health.list")}>
                  {gaps.map((gap) => (
                    <li key={gap.begins_at} className="flex flex-wrap items-center gap-x-3 px-3 py-1.5">
                      <Timestamp value={gap.begins_at} timeZone={camera.time_zone} />
                      <span className="text-muted-foreground">{formatDuration(gap.minutes * 60)}</span>
                      {gap.is_open && <Badge variant="warning">{t("health.open")}</Badge>}
                    </li>
                  ))}
                </ul>
              )}
            </section>
          );
        }}
      </QueryView>
      <Can permission="read_audit">
        <Changes camera={camera} />
      </Can>
    </div>
  );
}

function Changes({ camera }: { camera: CameraDetailOut }) {
  const { t } = useTranslation("cameras");
  const changes = useCameraChanges(camera.id);
  return (
    <section className="grid grid-cols-1 gap-2">
      <h2 className="font-semibold">{t("health.changes")}</h2>
      <QueryView
        query={changes}
        skeleton={<Skeleton className="h-24 w-full" />}
        isEmpty={({ items }) => items.length === 0}
        empty={<p className="text-muted-foreground">{t("health.noChanges")}</p>}
      >
        {({ items }) => (
          <ul className="max-h-96 divide-y overflow-y-auto rounded-md border" aria-label={t("health.changes")}>
            {items.map((entry) => (
              <Change key={entry.id} entry={entry} timeZone={camera.time_zone} />
            ))}
          </ul>
        )}
      </QueryView>
    </section>
  );
}

const TONES = { active: "success", error: "danger", inactive: "neutral" } as const;

function Change({ entry, timeZone }: { entry: AuditEntryOut; timeZone: string }) {
  const { t } = useTranslation("cameras");
  const state = entry.action === "INSERT" ? null : stateChange(entry);
  const fields = changedFields(entry).map((field) => t(`health.field.${field}`));
  const what = entry.action === "INSERT" ? t("health.added") : fields.join(", ");
  return (
    <li className="flex flex-wrap items-center gap-x-3 px-3 py-1.5">
      <Timestamp value={entry.created_at} timeZone={timeZone} seconds />
      {state && <StatusDot tone={TONES[state.status]} label={t(`filter.${state.status}`)} />}
      {state?.message && <span className="text-muted-foreground">{state.message}</span>}
      {(what || !state) && (
        <>
          <bdi className="font-medium">{entry.username ?? entry.actor}</bdi>
          <span className="text-muted-foreground">{what || t("health.field.other")}</span>
        </>
      )}
    </li>
  );
}
