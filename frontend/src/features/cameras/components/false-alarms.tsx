import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Can } from "@/components/can";
import { QueryView } from "@/components/query-view";
import { Label } from "@/components/ui/label";
import { Skeleton } from "@/components/ui/skeleton";
import { Slider } from "@/components/ui/slider";
import { formatNumber, formatRate } from "@/lib/format";

import { useExpectedFalseAlarms } from "../api/use-camera-stats";

/** Rates that packs are measured at, from loose to strict. */
const RATES = [1e-2, 1e-3, 1e-4, 1e-5];

/** A threshold in words that matter: strangers a day that this camera would take for somebody. */
export function FalseAlarms({ cameraId }: { cameraId: string }) {
  return (
    <Can permission="read_analytics">
      <Expected cameraId={cameraId} />
    </Can>
  );
}

function Expected({ cameraId }: { cameraId: string }) {
  const { t } = useTranslation("cameras");
  const [chosen, setChosen] = useState<number | null>(null);
  const rate = chosen === null ? null : (RATES[chosen] ?? null);
  const alarms = useExpectedFalseAlarms(cameraId, rate);
  const digits = { maximumSignificantDigits: 2 };
  return (
    <section className="grid grid-cols-1 gap-3 rounded-lg border bg-card p-4">
      <h2 className="font-semibold">{t("alarms.title")}</h2>
      <QueryView query={alarms} skeleton={<Skeleton className="h-16 w-full" />}>
        {(found) =>
          found.per_day === null ? (
            <p className="text-muted-foreground">{found.reason}</p>
          ) : (
            <div aria-live="polite">
              <p className="text-2xl font-semibold tabular-nums">
                {t("alarms.perDay", { value: formatNumber(found.per_day, digits) })}
              </p>
              <p className="text-muted-foreground">
                {found.low !== null &&
                  found.high !== null &&
                  t("alarms.interval", {
                    low: formatNumber(found.low, digits),
                    high: formatNumber(found.high, digits),
                  })}{" "}
                {t("alarms.basis", {
                  people: formatNumber(found.people_per_day ?? 0, { maximumFractionDigits: 0 }),
                  templates: formatNumber(found.templates),
                })}
              </p>
            </div>
          )
        }
      </QueryView>
      <Label id="alarm-rate">{rate === null ? t("alarms.inForce") : t("alarms.at", { rate: formatRate(rate) })}</Label>
      <Slider
        aria-labelledby="alarm-rate"
        min={0}
        max={RATES.length - 1}
        step={1}
        value={[chosen ?? 2]}
        onValueChange={([value]) => setChosen(value ?? null)}
      />
      <p className="text-xs text-muted-foreground">{t("alarms.where")}</p>
    </section>
  );
}
