import { useMemo } from "react";

import type { TimelineEntry } from "@/client/types.gen";
import { formatDate, formatTime } from "@/lib/format";

import { lanesOf, ticksOf } from "../lib/lanes";

const DAY_MS = 86_400_000;

interface Props {
  entries: TimelineEntry[];
  /** Milliseconds. */
  since: number;
  until: number;
  /** Before this moment there are sightings that are not drawn; since where all are. */
  drawnFrom: number;
}

/** Sightings on a time axis, a lane per camera. The list below says the same in words. */
export function TimelineLanes({ entries, since, until, drawnFrom }: Props) {
  const lanes = useMemo(() => lanesOf(entries, since, until), [entries, since, until]);
  const drawn = `${Math.max(0, (100 * (drawnFrom - since)) / Math.max(1, until - since))}%`;
  const write = until - since > 2 * DAY_MS ? formatDate : formatTime;
  return (
    <div
      aria-hidden
      className="grid grid-cols-[minmax(5rem,10rem)_1fr] gap-x-3 gap-y-1.5 rounded-lg border bg-card p-3 text-xs"
    >
      {lanes.map(({ cameraId, name, bars }) => (
        <div key={cameraId} className="contents">
          <span dir="auto" className="truncate leading-6" title={name}>
            {name}
          </span>
          <span className="relative h-6 overflow-hidden rounded-sm border border-dashed">
            <span className="absolute inset-y-0 end-0 bg-muted" style={{ insetInlineStart: drawn }} />
            {bars.map(({ id, start, length }) => (
              <span
                key={id}
                className="absolute inset-y-0.5 min-w-0.75 rounded-xs bg-chart-1"
                style={{ insetInlineStart: `min(${100 * start}%, calc(100% - 0.1875rem))`, width: `${100 * length}%` }}
              />
            ))}
          </span>
        </div>
      ))}
      <span />
      <span className="flex justify-between text-muted-foreground tabular-nums">
        {ticksOf(since, until).map((tick, index) => (
          <span key={tick} className={index % 2 === 1 ? "hidden sm:inline" : undefined}>
            {write(tick)}
          </span>
        ))}
      </span>
    </div>
  );
}
