import { ChartColumn } from "lucide-react";
import { useTranslation } from "react-i18next";

import { EmptyState } from "@/components/empty-state";
import { QueryView } from "@/components/query-view";
import { TrendChart } from "@/components/trend-chart";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { useUrlState } from "@/hooks/use-url-state";
import { formatDate, formatDateTime, formatNumber } from "@/lib/format";

import { useTrends } from "../api/use-trends";
import { analyticsAddress, intervalFor, INTERVALS, METRICS } from "../lib/address";
import { TIME_ZONE, useSpan } from "../lib/use-span";

export function TrendsTab() {
  const { t } = useTranslation("analytics");
  const [address, setAddress] = useUrlState(analyticsAddress);
  const { span } = useSpan();
  const interval = intervalFor(Date.parse(span.since), Date.parse(span.until), address.interval);
  const trends = useTrends({
    ...span,
    metric: address.metric,
    interval,
    time_zone: TIME_ZONE,
    camera_id: address.camera.length ? address.camera : null,
  });
  const formatAt = (at: string) => (interval === "hour" ? formatDateTime(at) : formatDate(at));
  return (
    <section className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap gap-2">
        <Choice
          label={t("metric")}
          value={address.metric}
          options={METRICS.map((value) => [value, t(`metrics.${value}`)])}
          onChange={(chosen) => setAddress({ metric: analyticsAddress.shape.metric.parse(chosen) })}
        />
        <Choice
          label={t("interval")}
          value={interval}
          options={INTERVALS.map((value) => [value, t(`intervals.${value}`)])}
          onChange={(chosen) => setAddress({ interval: analyticsAddress.shape.interval.parse(chosen) })}
        />
        <Choice
          label={t("chart")}
          value={address.chart}
          options={[
            ["bar", t("charts.bar")],
            ["line", t("charts.line")],
          ]}
          onChange={(chosen) => setAddress({ chart: analyticsAddress.shape.chart.parse(chosen) })}
        />
      </div>
      <QueryView
        query={trends}
        skeleton={<Skeleton className="h-80 w-full" />}
        isEmpty={({ total }) => total === 0}
        empty={<EmptyState icon={ChartColumn} title={t("nothing")} description={t("nothingHint")} />}
      >
        {({ buckets, total }) => (
          <div className="grid gap-3 rounded-lg border bg-card p-4">
            <p className="text-muted-foreground">
              {t("total")}: <strong className="text-foreground tabular-nums">{formatNumber(total)}</strong>
            </p>
            <TrendChart
              caption={t("trendCaption", { metric: t(`metrics.${address.metric}`) })}
              rows={buckets.map(({ start, value }) => ({ at: start, value }))}
              series={[{ key: "value", label: t(`metrics.${address.metric}`) }]}
              kind={address.chart}
              formatAt={formatAt}
              height={320}
            />
          </div>
        )}
      </QueryView>
    </section>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}

export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <Select value={value} onValueChange={onChange}>
      <SelectTrigger aria-label={label} className="w-44">
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        {options.map(([one, text]) => (
          <SelectItem key={one} value={one}>
            {text}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
