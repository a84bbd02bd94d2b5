import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { CameraHeatmap } from "@/components/camera-heatmap";
import { QueryView } from "@/components/query-view";
import { Skeleton } from "@/components/ui/skeleton";
import { useUrlState } from "@/hooks/use-url-state";

import { useHeatmap } from "../api/use-heatmap";
import { useCameraNames } from "../api/use-camera-names";
import { analyticsAddress, METRICS } from "../lib/address";
import { weekdayNames } from "../lib/weekdays";
import { TIME_ZONE, useSpan } from "../lib/use-span";
import { Choice } from "./trends-tab";

export function HeatmapTab() {
  const { t, i18n } = useTranslation("analytics");
  const [{ metric, camera }, setAddress] = useUrlState(analyticsAddress);
  const { span } = useSpan();
  const heatmap = useHeatmap({ ...span, metric, time_zone: TIME_ZONE, camera_id: camera.length ? camera : null });
  const names = useCameraNames();
  const days = useMemo(() => weekdayNames(i18n.language), [i18n.language]);
  const unit = t(`metrics.${metric}`);
  return (
    <section className="grid grid-cols-1 gap-4">
      <Choice
        label={t("metric")}
        value={metric}
        options={METRICS.map((value) => [value, t(`metrics.${value}`)])}
        onChange={(chosen) => setAddress({ metric: analyticsAddress.shape.metric.parse(chosen) })}
      />
      <QueryView query={heatmap} skeleton={<Skeleton className="h-80 w-full" />}>
        {({ weekdays, cameras }) => (
          <>
            <Panel title={t("heatmap.week")}>
              <CameraHeatmap
                caption={t("heatmap.week")}
                unit={unit}
                rows={weekdays.map((values, index) => ({ key: String(index), label: days[index] ?? "", values }))}
              />
            </Panel>
            {cameras.length > 0 && (
              <Panel title={t("heatmap.cameras")}>
                <CameraHeatmap
                  caption={t("heatmap.cameras")}
                  unit={unit}
                  rows={cameras.map(({ camera_id: id, hours }) => ({
                    key: id,
                    label: names.get(id) ?? "…",
                    values: hours,
                  }))}
                />
              </Panel>
            )}
          </>
        )}
      </QueryView>
    </section>
  );
}

function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid grid-cols-1 gap-3 rounded-lg border bg-card p-4">
      <h2 className="font-semibold">{title}</h2>
      {children}
    </section>
  );
}
