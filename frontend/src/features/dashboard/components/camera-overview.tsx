import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { CameraNowOut, CameraOut, DashboardOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { StatusDot, type Tone } from "@/components/status-dot";
import { formatNumber, formatPercent } from "@/lib/format";

import { useCameraStates, useNormalRate } from "../api/use-recent";
import { leftOut, problemOf, problemsFirst, type Problem } from "../lib/camera-problems";
import { RowsSkeleton } from "./rows-skeleton";
import { Nothing, Section } from "./section";

const SHOWN = 8;
const TONES = {
  error: "danger",
  inactive: "warning",
  slowed: "warning",
  off: "neutral",
  fine: "success",
} satisfies Record<NonNullable<Problem> | "fine", Tone>;

interface Props {
  /** What is counted now. */
  stats: DashboardOut | undefined;
}

/** How the cameras are, those with problems first, and whether detection keeps up with them. */
export function CameraOverview({ stats }: Props) {
  const { t } = useTranslation("dashboard");
  const cameras = useCameraStates();
  const normalRate = useNormalRate(cameras.data?.[0]?.id);
  return (
    <Section title={t("cameras.title")} to="/cameras">
      <QueryView
        query={cameras}
        skeleton={<RowsSkeleton rows={4} />}
        isEmpty={(items) => items.length === 0}
        empty={<Nothing>{t("cameras.none")}</Nothing>}
      >
        {(items) => (
          <>
            {stats && <Analysed stats={stats} />}
            <ul className="divide-y">
              {problemsFirst(items, normalRate)
                .slice(0, SHOWN)
                .map((camera) => (
                  <Row
                    key={camera.id}
                    camera={camera}
                    normalRate={normalRate}
                    counts={stats?.cameras.find((one) => one.camera_id === camera.id)}
                  />
                ))}
            </ul>
          </>
        )}
      </QueryView>
    </Section>
  );
}

/** Frames of all cameras, and how many of them detection has to leave out. */
function Analysed({ stats }: { stats: DashboardOut }) {
  const { t } = useTranslation("dashboard");
  if (stats.frames_per_second_wanted === 0) return null;
  const rate = (value: number) => formatNumber(value, { maximumFractionDigits: 1 });
  const missing = leftOut(stats);
  return (
    <p className="border-b px-4 py-2 text-xs text-muted-foreground tabular-nums">
      {t("cameras.analysed", { now: rate(stats.frames_per_second), wanted: rate(stats.frames_per_second_wanted) })}
      {missing > 0 && (
        <>
          {" "}
          · <span className="text-warning">{t("cameras.leftOut", { share: formatPercent(missing) })}</span>
        </>
      )}
    </p>
  );
}

interface RowProps {
  camera: CameraOut;
  normalRate: number | undefined;
  counts: CameraNowOut | undefined;
}

function Row({ camera, normalRate, counts }: RowProps) {
  const { t } = useTranslation("dashboard");
  const problem = problemOf(camera, normalRate) ?? "fine";
  const rate = (value: number | null | undefined) => formatNumber(value ?? 0, { maximumFractionDigits: 1 });
  const said =
    problem === "slowed"
      ? t("cameras.slowed", { now: rate(camera.sample_rate_now), normal: rate(normalRate) })
      : t(`cameras.${problem}`);
  const reason = problem === "error" || problem === "inactive" ? camera.status_message || said : said;
  return (
    <li className="relative flex items-center gap-3 px-4 py-2 hover:bg-accent/40">
      <div className="min-w-0 flex-1">
        <Link
          to={`/cameras/${camera.id}`}
          className="block truncate font-medium after:absolute after:inset-0"
          title={camera.name}
        >
          <bdi>{camera.name}</bdi>
        </Link>
        <StatusDot
          tone={TONES[problem]}
          label={
            <span dir="auto" className="block truncate" title={reason}>
              {reason}
            </span>
          }
          className="max-w-full text-xs text-muted-foreground"
        />
      </div>
      {counts && camera.status === "active" && (
        <div className="grid shrink-0 justify-items-end text-xs text-muted-foreground tabular-nums">
          <span>{t("cameras.inView", { count: counts.in_view, number: formatNumber(counts.in_view) })}</span>
          <span>
            {t("cameras.today", { count: counts.sightings_today, number: formatNumber(counts.sightings_today) })}
          </span>
        </div>
      )}
    </li>
  );
}
