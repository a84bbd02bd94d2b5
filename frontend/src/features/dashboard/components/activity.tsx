import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { HourOut } from "@/client/types.gen";
import { TrendChart } from "@/components/trend-chart";
import { Skeleton } from "@/components/ui/skeleton";
import { formatTime } from "@/lib/format";

import { Nothing, Section } from "./section";

const HEIGHT = 220; // px

/** Sightings of the last 24 hours, known and unknown people. */
export function Activity({ hours }: { hours: HourOut[] | undefined }) {
  const { t } = useTranslation("dashboard");
  const rows = useMemo(
    () => (hours ?? []).map(({ hour, sightings, known }) => ({ at: hour, known, unknown: sightings - known })),
    [hours],
  );
  const isQuiet = rows.every(({ known, unknown }) => known + unknown === 0);
  return (
    <Section title={t("activity.title")} to="/analytics">
      {/* The chart's table for screen readers is as wide as its text: it must not widen the page. */}
      <div className="relative overflow-hidden p-3">
        {!hours && <Skeleton style={{ height: HEIGHT }} />}
        {hours && isQuiet && <Nothing>{t("activity.none")}</Nothing>}
        {hours && !isQuiet && (
          <>
            <TrendChart
              caption={t("activity.caption")}
              rows={rows}
              series={[
                { key: "known", label: t("activity.known") },
                { key: "unknown", label: t("activity.unknown") },
              ]}
              formatAt={(at) => formatTime(at)}
              height={HEIGHT}
            />
            <ul aria-hidden className="flex flex-wrap justify-center gap-4 pt-1 text-xs text-muted-foreground">
              <Key colour="bg-chart-1" label={t("activity.known")} />
              <Key colour="bg-chart-2" label={t("activity.unknown")} />
            </ul>
          </>
        )}
      </div>
    </Section>
  );
}

function Key({ colour, label }: { colour: string; label: string }) {
  return (
    <li className="flex items-center gap-1.5">
      <span className={`size-2.5 rounded-sm ${colour}`} />
      {label}
    </li>
  );
}
