import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useWatch, type UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { getExpectedFalseAlarmsOfAllOptions } from "@/client/@tanstack/react-query.gen";
import type { FalseAlarmsOfAllOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { DataTable } from "@/components/data-table";
import { QueryView } from "@/components/query-view";
import { Skeleton } from "@/components/ui/skeleton";
import { useSettled } from "@/hooks/use-settled";
import { formatNumber, formatRate } from "@/lib/format";

import { choiceOf } from "../lib/choice";
import type { Values } from "../lib/sections";

const PAUSE_MS = 400;
const DIGITS = { maximumSignificantDigits: 2 };

/** A threshold in words that matter: strangers a day that all cameras would take for somebody. */
export function FalseAlarms({ form }: { form: UseFormReturn<Values> }) {
  return (
    <Can permission="read_analytics">
      <Expected form={form} />
    </Can>
  );
}

function Expected({ form }: { form: UseFormReturn<Values> }) {
  const { t } = useTranslation("settings");
  const [fmr = "", min_similarity = ""] = useWatch({ control: form.control, name: ["fmr", "min_similarity"] });
  const text = useSettled(JSON.stringify(choiceOf({ fmr, min_similarity })), PAUSE_MS);
  const choice = JSON.parse(text) as ReturnType<typeof choiceOf>;
  const alarms = useQuery({
    ...getExpectedFalseAlarmsOfAllOptions({ query: choice ?? {} }),
    enabled: choice !== null,
    placeholderData: keepPreviousData,
  });
  return (
    <section aria-labelledby="false-alarms" className="grid max-w-xl grid-cols-1 gap-2 rounded-lg border bg-card p-4">
      <h3 id="false-alarms" className="font-semibold">
        {t("alarms.title")}
      </h3>
      <QueryView query={alarms} skeleton={<Skeleton className="h-24 w-full" />}>
        {(found) => <Numbers found={found} />}
      </QueryView>
    </section>
  );
}

function Numbers({ found }: { found: FalseAlarmsOfAllOut }) {
  const { t } = useTranslation("settings");
  return (
    <>
      <div aria-live="polite" className="grid gap-1 text-muted-foreground">
        {found.per_day === null ? (
          <p dir="auto">{found.reason}</p>
        ) : (
          <>
            <p className="text-2xl font-semibold text-foreground tabular-nums">
              {t("alarms.perDay", { value: formatNumber(found.per_day, DIGITS) })}
            </p>
            {found.low !== null && found.high !== null && (
              <p>
                {t("alarms.interval", {
                  low: formatNumber(found.low, DIGITS),
                  high: formatNumber(found.high, DIGITS),
                })}
              </p>
            )}
            <p>
              {t("alarms.basis", {
                count: found.cameras_counted,
                cameras: formatNumber(found.cameras_counted),
                people: formatNumber(found.people_per_day ?? 0, { maximumFractionDigits: 0 }),
                templates: formatNumber(found.templates),
              })}{" "}
              {t(found.false_match_rate_is_bound ? "alarms.rateBound" : "alarms.rate", {
                rate: formatRate(found.false_match_rate ?? 0),
                pairs: formatNumber(found.impostor_pairs),
              })}
            </p>
          </>
        )}
        {found.cameras_left_out > 0 && (
          <p>{t("alarms.leftOut", { count: found.cameras_left_out, cameras: formatNumber(found.cameras_left_out) })}</p>
        )}
      </div>
      {found.cameras.length > 0 && (
        <details>
          <summary className="cursor-pointer">{t("alarms.byCamera")}</summary>
          <DataTable
            caption={t("alarms.byCamera")}
            rows={[...found.cameras]}
            getRowId={({ camera_id }) => camera_id}
            columns={[
              {
                id: "camera",
                header: t("alarms.camera"),
                cell: ({ camera_id, camera_name }) => (
                  <Link to={`/cameras/${camera_id}`} className="hover:underline">
                    <bdi>{camera_name}</bdi>
                  </Link>
                ),
              },
              {
                id: "people",
                header: t("alarms.people"),
                cell: ({ people_per_day }) => formatNumber(people_per_day, { maximumFractionDigits: 0 }),
              },
              {
                id: "alarms",
                header: t("alarms.alarms"),
                cell: ({ per_day }) => (per_day === null ? "–" : formatNumber(per_day, DIGITS)),
              },
            ]}
          />
        </details>
      )}
    </>
  );
}
