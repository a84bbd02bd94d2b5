import { useMemo } from "react";
import { Gauge } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { CameraOut } from "@/client/types.gen";
import { DataTable, type Column, type Sort } from "@/components/data-table";
import { TimeAgo } from "@/components/time-ago";
import { formatNumber } from "@/lib/format";

import { isSlowed } from "../lib/status";
import { CameraState } from "./camera-state";

interface Props {
  cameras: CameraOut[];
  isLoading: boolean;
  groupNames: Map<string, string>;
  /** Frames per second that the settings have analysed. */
  normalRate: number | undefined;
  sort: Sort;
  onSort: (sort: Sort) => void;
  selection?: { selected: Set<string>; onChange: (selected: Set<string>) => void };
  onOpen: (camera: CameraOut) => void;
}

/** Cameras with how they are. */
export function CameraGrid({ cameras, isLoading, groupNames, normalRate, sort, onSort, selection, onOpen }: Props) {
  const { t } = useTranslation("cameras");
  const columns = useMemo<Column<CameraOut>[]>(
    () => [
      {
        id: "name",
        header: t("name"),
        sortKey: "name",
        className: "max-w-72",
        cell: (camera) => (
          <span className="grid min-w-0">
            <Link to={`/cameras/${camera.id}`} className="truncate font-medium hover:underline" dir="auto">
              {camera.name}
            </Link>
            {camera.location && (
              <bdi className="truncate text-xs text-muted-foreground" title={camera.location}>
                {camera.location}
              </bdi>
            )}
          </span>
        ),
      },
      {
        id: "state",
        header: t("status"),
        className: "max-w-64",
        cell: (camera) => (
          <span className="grid min-w-0">
            <CameraState camera={camera} />
            {isSlowed(camera, normalRate) && <span className="text-xs text-warning sm:hidden">{t("slowed")}</span>}
            {camera.status_message && (
              <span className="truncate text-xs text-muted-foreground" title={camera.status_message}>
                {camera.status_message}
              </span>
            )}
          </span>
        ),
      },
      {
        id: "group",
        header: t("group"),
        hideOnPhone: true,
        className: "max-w-40",
        cell: ({ group_id: id }) => <bdi className="truncate">{id ? (groupNames.get(id) ?? "…") : "–"}</bdi>,
      },
      {
        id: "stream",
        header: t("stream"),
        hideOnPhone: true,
        cell: ({ resolution, fps }) => (
          <bdi dir="ltr" className="tabular-nums">
            {resolution ?? "–"}
            {fps ? ` · ${formatNumber(fps, { maximumFractionDigits: 0 })} fps` : ""}
          </bdi>
        ),
      },
      {
        id: "rate",
        header: t("rate"),
        hideOnPhone: true,
        cell: (camera) => <Rate camera={camera} normalRate={normalRate} />,
      },
      {
        id: "seen",
        header: t("lastSeen"),
        hideOnPhone: true,
        cell: ({ last_seen_at: at }) => (at ? <TimeAgo value={at} /> : t("never")),
      },
    ],
    [t, groupNames, normalRate],
  );
  return (
    <DataTable
      caption={t("title")}
      columns={columns}
      rows={cameras}
      isLoading={isLoading}
      getRowId={({ id }) => id}
      getRowLabel={({ name }) => name}
      sort={sort}
      onSortChange={onSort}
      selection={selection}
      onRowOpen={onOpen}
    />
  );
}

function Rate({ camera, normalRate }: { camera: CameraOut; normalRate: number | undefined }) {
  const { t } = useTranslation("cameras");
  const now = camera.sample_rate_now;
  if (now === null) return <>–</>;
  const shown = (value: number) => formatNumber(value, { maximumFractionDigits: 1 });
  if (normalRate === undefined || !isSlowed(camera, normalRate)) return <>{t("perSecond", { value: shown(now) })}</>;
  const words = t("slowedTo", { now: shown(now), normal: shown(normalRate) });
  return (
    <span className="inline-flex items-center gap-1 text-warning" title={words}>
      <Gauge aria-hidden className="size-3.5" />
      <span aria-hidden>{t("perSecond", { value: `${shown(now)} / ${shown(normalRate)}` })}</span>
      <span className="sr-only">{words}</span>
    </span>
  );
}
