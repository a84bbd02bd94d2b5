import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { DayOut, DryRunOut } from "@/client/types.gen";
import { Timestamp } from "@/components/timestamp";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { formatDate, formatNumber } from "@/lib/format";

import { useChoices } from "../api/use-choices";
import { useSubjectNames } from "../api/use-subject-names";
import { everyDay } from "../lib/days";
import { Warnings } from "./warnings";

export function DryRunResult({ run, days }: { run: DryRunOut; days: number }) {
  const { t } = useTranslation("rules");
  return (
    <>
      <p className="text-base font-medium">
        {t("try.fired", { count: run.alerts, number: formatNumber(run.alerts), days: t("try.days", { count: days }) })}
      </p>
      <p className="text-xs text-muted-foreground">
        {t("try.sightings", { count: run.sightings, number: formatNumber(run.sightings) })}
      </p>
      {!run.is_complete && (
        <Alert variant="warning">
          <AlertDescription>{t("try.incomplete")}</AlertDescription>
        </Alert>
      )}
      <Warnings warnings={run.warnings} />
      {run.alerts > 0 && <Bars perDay={run.per_day} days={days} />}
      {run.first.length > 0 && <First run={run} />}
      {run.limits.length > 0 && (
        <div className="grid gap-1">
          <h3 className="text-xs font-medium">{t("try.limits")}</h3>
          <ul className="list-disc ps-4 text-xs text-muted-foreground">
            {run.limits.map(({ code }) => (
              <li key={code}>{t(`limit.${code}`)}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Bars({ perDay, days }: { perDay: DayOut[]; days: number }) {
  const { t } = useTranslation("rules");
  const shown = useMemo(() => everyDay(perDay, days), [perDay, days]);
  const most = Math.max(...shown.map(({ alerts }) => alerts), 1);
  const last = shown.at(-1);
  return (
    <figure className="grid gap-1">
      <ol aria-label={t("try.perDay")} className="flex h-20 items-end gap-px border-b">
        {shown.map(({ day, alerts }) => {
          const date = formatDate(`${day}T12:00:00Z`, { timeZone: "UTC" });
          const text = t("try.onDay", { count: alerts, number: formatNumber(alerts), day: date });
          return (
            <li key={day} title={text} className="flex h-full min-w-0 flex-1 items-end">
              <span className="sr-only">{text}</span>
              <span
                aria-hidden
                className="w-full rounded-t-xs bg-primary/75"
                style={{ height: `${(alerts / most) * 100}%` }}
              />
            </li>
          );
        })}
      </ol>
      <figcaption className="flex justify-between text-xs text-muted-foreground tabular-nums">
        <span>{formatDate(`${shown[0]?.day}T12:00:00Z`, { timeZone: "UTC" })}</span>
        <span>{t("try.most", { number: formatNumber(most) })}</span>
        <span>{last && formatDate(`${last.day}T12:00:00Z`, { timeZone: "UTC" })}</span>
      </figcaption>
    </figure>
  );
}

function First({ run }: { run: DryRunOut }) {
  const { t } = useTranslation("rules");
  const { cameras } = useChoices();
  const names = useSubjectNames(run.first.flatMap(({ subject_id }) => subject_id ?? []));
  const cameraOf = new Map(cameras.map((camera) => [camera.id, camera]));
  return (
    <div className="grid gap-1">
      <h3 className="text-xs font-medium">
        {run.alerts > run.first.length ? t("try.first", { count: run.first.length }) : t("try.list")}
      </h3>
      <ul className="grid max-h-72 divide-y overflow-y-auto rounded-md border" aria-label={t("try.list")}>
        {run.first.map(({ sighting_id, at, camera_id, subject_id }) => (
          <li key={`${sighting_id} ${at}`}>
            <Link to={`/sightings/${sighting_id}`} className="grid gap-0.5 px-2.5 py-1.5 hover:bg-accent">
              <span className="truncate">
                <bdi>{subject_id ? (names.get(subject_id) ?? t("sentence.person")) : t("common:unknownPerson")}</bdi>
              </span>
              <span className="truncate text-xs text-muted-foreground">
                <Timestamp value={at} timeZone={cameraOf.get(camera_id)?.time_zone} /> ·{" "}
                <bdi>{cameraOf.get(camera_id)?.name}</bdi>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
