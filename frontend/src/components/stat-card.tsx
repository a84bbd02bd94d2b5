import type { ReactNode } from "react";
import { ArrowDown, ArrowUp, type LucideIcon } from "lucide-react";
import { Link } from "react-router";

import { Skeleton } from "@/components/ui/skeleton";
import { formatNumber } from "@/lib/format";
import { cn } from "@/lib/utils";

interface Delta {
  /** Change as a fraction: 0.12 is 12 % more. */
  value: number;
  /** Against what: "than yesterday". */
  label?: string;
  /** Which direction is good news; without it neither is coloured. */
  good?: "up" | "down";
}

interface Props {
  label: string;
  value: ReactNode;
  delta?: Delta | null;
  icon?: LucideIcon;
  to?: string;
  isLoading?: boolean;
  className?: string;
}

export function StatCard({ label, value, delta, icon: Icon, to, isLoading = false, className }: Props) {
  return (
    <div
      className={cn(
        "relative grid content-start gap-1 rounded-lg border bg-card px-4 py-3",
        to && "hover:border-muted-foreground/50 hover:bg-accent/40",
        className,
      )}
    >
      <div className="flex items-center justify-between gap-2 text-muted-foreground">
        {to ? (
          <Link to={to} className="truncate after:absolute after:inset-0 after:rounded-lg" title={label}>
            {label}
          </Link>
        ) : (
          <span className="truncate" title={label}>
            {label}
          </span>
        )}
        {Icon && <Icon aria-hidden className="size-4 shrink-0" />}
      </div>
      <div className="flex h-7 items-baseline gap-2 overflow-hidden" aria-busy={isLoading}>
        {isLoading ? (
          <Skeleton className="h-6 w-20 self-center" />
        ) : (
          <>
            <span className="shrink-0 text-2xl font-semibold tracking-tight whitespace-nowrap tabular-nums">
              <bdi>{value}</bdi>
            </span>
            {delta && <Change {...delta} />}
          </>
        )}
      </div>
    </div>
  );
}

function Change({ value, label, good }: Delta) {
  const isUp = value > 0;
  const Icon = isUp ? ArrowUp : ArrowDown;
  const tone = value === 0 || !good ? "" : (good === "up") === isUp ? "text-success" : "text-destructive";
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-0.5 text-xs text-muted-foreground", tone)}>
      {value !== 0 && <Icon aria-hidden className="size-3 shrink-0" />}
      <span className="tabular-nums">
        <bdi>{formatNumber(value, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" })}</bdi>
      </span>
      {label && <span className="truncate text-muted-foreground">&nbsp;{label}</span>}
    </span>
  );
}
