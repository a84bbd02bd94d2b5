import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { formatNumber } from "@/lib/format";

interface Props {
  caption: string;
  rows: { key: string; label: string; values: readonly number[] }[];
  /** What the hours are counted in: "sightings". */
  unit: string;
}

const STEPS = [0, 0.15, 0.3, 0.45, 0.6, 0.8, 1];

/** Counts per hour of the day, a row per weekday or camera: a table whose cells are the darker the more there was. */
export function CameraHeatmap({ caption, rows, unit }: Props) {
  const { t } = useTranslation("kit");
  const id = useId();
  const most = useMemo(() => Math.max(1, ...rows.flatMap(({ values }) => values)), [rows]);
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return (
    <figure aria-labelledby={id} className="grid grid-cols-1 gap-3">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
      <div className="overflow-x-auto" tabIndex={0} role="group" aria-labelledby={id}>
        <table className="w-full min-w-[40rem] table-fixed border-separate border-spacing-0.5 text-xs">
          <caption id={id} className="sr-only">
            {caption}
          </caption>
          <thead>
            <tr>
              <th scope="col" className="w-28">
                <span className="sr-only">{t("chart.row")}</span>
              </th>
              {hours.map((hour) => (
                <th key={hour} scope="col" className="font-normal text-muted-foreground tabular-nums">
                  {formatNumber(hour)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, label, values }) => (
              <tr key={key}>
                <th scope="row" className="truncate pe-2 text-start font-normal" title={label} dir="auto">
                  {label}
                </th>
                {hours.map((hour) => (
                  <Cell
                    key={hour}
                    value={values[hour] ?? 0}
                    share={(values[hour] ?? 0) / most}
                    unit={unit}
                    hour={hour}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div aria-hidden className="flex items-center gap-1 text-xs text-muted-foreground">
        <span>{formatNumber(0)}</span>
        {STEPS.map((share) => (
          <span key={share} className="h-3 w-5 rounded-sm border" style={{ background: shade(share) }} />
        ))}
        <span>{t("chart.upTo", { value: formatNumber(most) })}</span>
      </div>
    </figure>
  );
}

function Cell({ value, share, unit, hour }: { value: number; share: number; unit: string; hour: number }) {
  const title = `${formatNumber(hour, { minimumIntegerDigits: 2 })}:00 · ${formatNumber(value)} ${unit}`;
  return (
    <td title={title} className="h-6 rounded-sm p-0" style={{ background: shade(share) }}>
      <span className="sr-only">{formatNumber(value)}</span>
    </td>
  );
}

/** From the background of an empty hour to the accent of the fullest. share: 0 to 1. */
function shade(share: number): string {
  if (share === 0) return "var(--muted)";
  return `color-mix(in oklch, var(--chart-1) ${Math.round(15 + share * 85)}%, var(--muted))`;
}
