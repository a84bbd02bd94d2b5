import { UserSearch } from "lucide-react";
import { useTranslation } from "react-i18next";

import { CameraHeatmap } from "@/components/camera-heatmap";
import { EmptyState } from "@/components/empty-state";
import { QueryView } from "@/components/query-view";
import { StatCard } from "@/components/stat-card";
import { Timestamp } from "@/components/timestamp";
import { TrendChart } from "@/components/trend-chart";
import { Skeleton } from "@/components/ui/skeleton";
import { useUrlState } from "@/hooks/use-url-state";
import { formatDate, formatNumber } from "@/lib/format";

import { useSubjectAnalytics } from "../api/use-subject-analytics";
import { analyticsAddress } from "../lib/address";
import { TIME_ZONE, useSpan } from "../lib/use-span";
import { weekdayNames } from "../lib/weekdays";
import { SubjectChoice } from "./subject-choice";

/** How often, when and where one person was seen. */
export function SubjectTab() {
  const { t, i18n } = useTranslation("analytics");
  const [{ subject }] = useUrlState(analyticsAddress);
  const { span } = useSpan();
  const numbers = useSubjectAnalytics(subject, { ...span, time_zone: TIME_ZONE });
  const days = weekdayNames(i18n.language);
  return (
    <section className="grid grid-cols-1 gap-4">
      <SubjectChoice />
      {!subject ? (
        <EmptyState icon={UserSearch} title={t("subject.choose")} description={t("subject.chooseHint")} />
      ) : (
        <QueryView query={numbers} skeleton={<Skeleton className="h-80 w-full" />}>
          {(found) => (
            <>
              <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
                <StatCard label={t("metrics.sightings")} value={formatNumber(found.sightings)} />
                <StatCard label={t("metrics.alerts")} value={formatNumber(found.alerts)} />
                <StatCard
                  label={t("subject.judged")}
                  value={`${formatNumber(found.confirmed)} / ${formatNumber(found.rejected)}`}
                />
                <StatCard
                  label={t("subject.last")}
                  value={found.last_seen_at ? <Timestamp value={found.last_seen_at} /> : "–"}
                />
              </div>
              <TrendChart
                caption={t("subject.days")}
                rows={found.days.map(({ day, sightings }) => ({ at: day, sightings }))}
                series={[{ key: "sightings", label: t("metrics.sightings") }]}
                formatAt={(day) => formatDate(day, { timeZone: "UTC" })}
              />
              <CameraHeatmap
                caption={t("heatmap.week")}
                unit={t("metrics.sightings")}
                rows={found.weekdays.map((values, index) => ({ key: String(index), label: days[index] ?? "", values }))}
              />
              <ul className="divide-y rounded-md border">
                {found.cameras.map((camera) => (
                  <li key={camera.camera_id} className="flex justify-between gap-3 px-3 py-2">
                    <bdi className="truncate">{camera.camera_name}</bdi>
                    <span className="tabular-nums">{formatNumber(camera.sightings)}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </QueryView>
      )}
    </section>
  );
}
