import { useId, useMemo, type ReactNode } from "react";
import {
  Bar,
  BarChart,
  CartesianGrid,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from "recharts";
import { useTranslation } from "react-i18next";

import type { Props } from "@/components/trend-chart/types";
import { AXIS, CHART_COLOURS } from "@/components/chart-theme";
import { useMediaQuery } from "@/hooks/use-media-query";
import { formatNumber } from "@/lib/format";

/** Counts over time, with the same numbers as a table for who does not see the picture. */
export default function DrawnChart({ caption, rows, series, formatAt, kind = "bar", height = 240 }: Props) {
  const { i18n } = useTranslation();
  const isCalm = useMediaQuery("(prefers-reduced-motion: reduce)");
  const id = useId();
  const isReversed = i18n.dir() === "rtl";
  const Chart = kind === "bar" ? BarChart : LineChart;

  const marks = series.map<ReactNode>(({ key, label }, index) => {
    const colour = CHART_COLOURS[index % CHART_COLOURS.length];
    const shared = { key, dataKey: key, name: label, isAnimationActive: !isCalm, animationDuration: 200 };
    return kind === "bar" ? (
      <Bar {...shared} key={key} fill={colour} stackId="all" maxBarSize={28} />
    ) : (
      <Line {...shared} key={key} stroke={colour} strokeWidth={2} dot={false} type="monotone" />
    );
  });

  return (
    <figure aria-labelledby={id} className="relative min-w-0 overflow-hidden">
      <figcaption id={id} className="sr-only">
        {caption}
      </figcaption>
      {/* Drawings of recharts run from left to right; the axis is turned around for writing from right to left. */}
      <div aria-hidden dir="ltr" style={{ height }}>
        <ResponsiveContainer width="100%" height="100%">
          <Chart data={rows} margin={{ top: 8, right: 8, bottom: 0, left: 8 }} accessibilityLayer={false}>
            <CartesianGrid vertical={false} stroke="var(--border)" />
            <XAxis {...AXIS} dataKey="at" reversed={isReversed} tickFormatter={formatAt} minTickGap={32} />
            <YAxis
              {...AXIS}
              orientation={isReversed ? "right" : "left"}
              axisLine={false}
              allowDecimals={false}
              width={48}
              tickFormatter={(value: number) => formatNumber(value, { notation: "compact" })}
            />
            <Tooltip
              cursor={{ fill: "var(--muted)", stroke: "var(--border)" }}
              content={(given) => <Tip {...given} formatAt={formatAt} />}
            />
            {marks}
          </Chart>
        </ResponsiveContainer>
      </div>
      <ChartTable caption={caption} rows={rows} series={series} formatAt={formatAt} />
    </figure>
  );
}

function Tip({ active, payload, label, formatAt }: TooltipContentProps & { formatAt: Props["formatAt"] }) {
  const { i18n } = useTranslation();
  if (!active || !payload.length) return null;
  return (
    <div dir={i18n.dir()} className="rounded-md border bg-popover px-2.5 py-1.5 text-xs text-popover-foreground">
      <p className="font-medium">{formatAt(String(label))}</p>
      {payload.map((one) => (
        <p key={String(one.dataKey)} className="flex items-center gap-1.5 tabular-nums">
          <span className="size-2 rounded-sm" style={{ background: one.color }} />
          {one.name}: {formatNumber(Number(one.value))}
        </p>
      ))}
    </div>
  );
}

type TableProps = Pick<Props, "caption" | "rows" | "series" | "formatAt">;

function ChartTable({ caption, rows, series, formatAt }: TableProps) {
  const { t } = useTranslation("kit");
  const shown = useMemo(() => rows.filter((row) => series.some(({ key }) => Number(row[key]) > 0)), [rows, series]);
  return (
    <table className="sr-only">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t("chart.time")}</th>
          {series.map(({ key, label }) => (
            <th key={key} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <tr key={row.at}>
            <th scope="row">{formatAt(row.at)}</th>
            {series.map(({ key }) => (
              <td key={key}>{formatNumber(Number(row[key] ?? 0))}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
