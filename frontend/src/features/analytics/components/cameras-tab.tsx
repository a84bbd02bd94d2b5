import { useMemo } from "react";
import { Camera } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { CameraNumbersOut } from "@/client/types.gen";
import { DataTable, type Column } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { useUrlState } from "@/hooks/use-url-state";
import { formatNumber, formatPercent } from "@/lib/format";

import { useCameraAnalytics } from "../api/use-camera-analytics";
import { analyticsAddress } from "../lib/address";
import { useSpan } from "../lib/use-span";

const COUNTS = ["sightings", "known", "alerts", "false_matches", "detections", "frames"] as const;

/** Cameras beside each other, by any of their numbers. */
export function CamerasTab() {
  const { t } = useTranslation("analytics");
  const [{ sort }, setAddress] = useUrlState(analyticsAddress);
  const { span } = useSpan();
  const cameras = useCameraAnalytics({ ...span, sort, limit: 100 });
  const rows = useMemo(() => cameras.data?.pages.flatMap((page) => page.items) ?? [], [cameras.data]);
  const most = useMemo(() => Math.max(1, ...rows.map(({ sightings }) => sightings)), [rows]);

  const columns = useMemo<Column<CameraNumbersOut>[]>(
    () => [
      {
        id: "name",
        header: t("camera"),
        sortKey: "name",
        cell: ({ camera_id: id, name, sightings }) => (
          <div className="min-w-32">
            <Link to={`/cameras/${id}`} className="block max-w-60 truncate font-medium hover:underline" dir="auto">
              {name}
            </Link>
            <div aria-hidden className="mt-1 h-1 rounded-full bg-muted">
              <div className="h-1 rounded-full bg-chart-1" style={{ width: `${(sightings / most) * 100}%` }} />
            </div>
          </div>
        ),
      },
      ...COUNTS.map<Column<CameraNumbersOut>>((name, index) => ({
        id: name,
        header: t(`columns.${name}`),
        sortKey: name,
        hideOnPhone: index > 1,
        className: "text-end tabular-nums",
        cell: (row) => formatNumber(row[name]),
      })),
      {
        id: "uptime",
        header: t("columns.uptime"),
        sortKey: "uptime",
        className: "text-end tabular-nums",
        cell: ({ uptime }) => formatPercent(uptime, 1),
      },
    ],
    [t, most],
  );

  if (cameras.isError && !cameras.data)
    return <ErrorState error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (!cameras.isPending && rows.length === 0)
    return <EmptyState icon={Camera} title={t("noCameras")} description={t("noCamerasHint")} />;
  return (
    <>
      <DataTable
        caption={t("tabs.cameras")}
        columns={columns}
        rows={rows}
        isLoading={cameras.isPending}
        getRowId={({ camera_id: id }) => id}
        sort={{ key: sort.replace(/^-/, ""), direction: sort.startsWith("-") ? "desc" : "asc" }}
        onSortChange={({ key, direction }) => setAddress({ sort: direction === "desc" ? `-${key}` : key })}
      />
      {cameras.hasNextPage && (
        <LoadMore needsButton isLoading={cameras.isFetchingNextPage} onMore={() => void cameras.fetchNextPage()} />
      )}
    </>
  );
}
