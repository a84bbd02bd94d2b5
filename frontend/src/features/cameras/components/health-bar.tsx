import { useTranslation } from "react-i18next";

import type { GapOut } from "@/client/types.gen";
import { formatDateTime } from "@/lib/format";

interface Props {
  since: string;
  until: string;
  gaps: GapOut[];
}

/** A span of time from left to right, red where there were no pictures; the list beside it says the same in words. */
export function HealthBar({ since, until, gaps }: Props) {
  const { t } = useTranslation("cameras");
  const [from, to] = [Date.parse(since), Date.parse(until)];
  const share = (at: string) => (100 * (Date.parse(at) - from)) / (to - from);
  return (
    <div className="grid grid-cols-1 gap-1" role="img" aria-label={t("health.bar", { count: gaps.length })}>
      <div className="relative h-6 overflow-hidden rounded-sm bg-success/60">
        {gaps.map((gap) => (
          <span
            key={gap.begins_at}
            className="absolute inset-y-0 min-w-px bg-destructive"
            style={{
              insetInlineStart: `${share(gap.begins_at)}%`,
              width: `${share(gap.ends_at) - share(gap.begins_at)}%`,
            }}
          />
        ))}
      </div>
      <div className="flex justify-between text-xs text-muted-foreground tabular-nums">
        <span>{formatDateTime(since)}</span>
        <span>{formatDateTime(until)}</span>
      </div>
    </div>
  );
}
