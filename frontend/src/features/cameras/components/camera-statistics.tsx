import { useTranslation } from "react-i18next";

import { QueryView } from "@/components/query-view";
import { StatCard } from "@/components/stat-card";

import { Skeleton } from "@/components/ui/skeleton";
import { ToggleGroup, ToggleGroupItem } from "@/components/ui/toggle-group";
import { useUrlState } from "@/hooks/use-url-state";
import { formatDate, formatDateTime, formatNumber } from "@/lib/format";

import { useCameraStats } from "../api/use-camera-stats";
import { cameraAddress } from "../lib/address";
import { CameraChart } from "./camera-chart";

/** What a camera counted, and how much of the time it was watched. */
export function CameraStatistics({ cameraId }: { cameraId: string }) {
  const { t } = useTranslation("cameras");
  const [{ interval }, setAddress] = useUrlState(cameraAddress);
  const stats = useCameraStats(cameraId, { interval });
  const formatAt = (at: string) => (interval === "hour" ? formatDateTime(at) : formatDate(at));
  return (
    <section className="grid grid-cols-1 gap-4">
      <ToggleGroup
        type="single"
        value={interval}
        aria-label={t("stats.by")}
        onValueChange={(chosen) => chosen && setAddress({ interval: cameraAddress.shape.interval.parse(chosen) })}
      >
        <ToggleGroupItem value="hour">{t("stats.hour")}</ToggleGroupItem>
        <ToggleGroupItem value="day">{t("stats.day")}</ToggleGroupItem>
      </ToggleGroup>
      <QueryView query={stats} skeleton={<Skeleton className="h-96 w-full" />}>
        {({ total, buckets }) => (
          <>
            <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
              <StatCard label={t("stats.frames")} value={formatNumber(total.frames)} />
              <StatCard label={t("stats.sightings")} value={formatNumber(total.sightings)} />
              <StatCard label={t("stats.known")} value={formatNumber(total.known)} />
              <StatCard label={t("stats.tracks")} value={formatNumber(total.tracks)} />
            </div>
            <CameraChart
              caption={t("stats.sightings")}
              rows={buckets.map((bucket) => ({ at: bucket.begins_at, known: bucket.known, unknown: bucket.unknown }))}
              series={[
                { key: "known", label: t("stats.known") },
                { key: "unknown", label: t("stats.unknown") },
              ]}
              formatAt={formatAt}
            />
            <CameraChart
              caption={t("stats.passing")}
              rows={buckets.map((bucket) => ({
                at: bucket.begins_at,
                detections: bucket.detections,
                tracks: bucket.tracks,
                recognitions: bucket.recognitions,
              }))}
              series={[
                { key: "detections", label: t("stats.detections") },
                { key: "tracks", label: t("stats.tracks") },
                { key: "recognitions", label: t("stats.recognitions") },
              ]}
              formatAt={formatAt}
              kind="line"
              height={180}
            />
            <CameraChart
              caption={t("stats.frames")}
              rows={buckets.map((bucket) => ({ at: bucket.begins_at, frames: bucket.frames }))}
              series={[{ key: "frames", label: t("stats.frames") }]}
              formatAt={formatAt}
              kind="line"
              height={180}
            />
          </>
        )}
      </QueryView>
    </section>
  );
}
