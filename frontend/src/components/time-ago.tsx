import { fullTime } from "@/components/timestamp";
import { useNow } from "@/hooks/use-now";
import { formatRelative, type Moment } from "@/lib/format";
import { cn } from "@/lib/utils";

/** "5 min ago", kept right by one timer for the whole page. */
export function TimeAgo({ value, className }: { value: Moment | null | undefined; className?: string }) {
  const now = useNow();
  if (value === null || value === undefined) return <span className={cn("text-muted-foreground", className)}>–</span>;
  const time = new Date(value).getTime();
  // The timer is up to 15 s late and clocks differ: what has just come is not "in 10 seconds".
  return (
    <time dateTime={new Date(time).toISOString()} title={fullTime(time)} className={cn("whitespace-nowrap", className)}>
      {formatRelative(time, time - now < 60_000 ? Math.max(now, time) : now)}
    </time>
  );
}
