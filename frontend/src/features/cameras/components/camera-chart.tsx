import type { ComponentProps } from "react";

import { CHART_COLOURS } from "@/components/chart-theme";
import { TrendChart } from "@/components/trend-chart";

/** A chart under its name, with what its colours mean where there are several. */
export function CameraChart({ caption, series, ...rest }: ComponentProps<typeof TrendChart>) {
  return (
    <section className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h2 className="font-semibold">{caption}</h2>
        {series.length > 1 && (
          <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted-foreground">
            {series.map(({ key, label }, index) => (
              <li key={key} className="flex items-center gap-1.5">
                <span aria-hidden className="size-2 rounded-sm" style={{ background: CHART_COLOURS[index] }} />
                {label}
              </li>
            ))}
          </ul>
        )}
      </div>
      <TrendChart caption={caption} series={series} {...rest} />
    </section>
  );
}
