import { useTranslation } from "react-i18next";

import { formatDate, formatDateTime, formatTime, type Moment } from "@/lib/format";
import { cn } from "@/lib/utils";

const FORMATS = { dateTime: formatDateTime, date: formatDate, time: formatTime };

interface Props {
  value: Moment | null | undefined;
  /** The camera's zone: its time stands beside the viewer's where clocks differ. */
  timeZone?: string | null;
  format?: keyof typeof FORMATS;
  seconds?: boolean;
  className?: string;
}

export function Timestamp({ value, timeZone, format = "dateTime", seconds = false, className }: Props) {
  const { t } = useTranslation("kit");
  if (value === null || value === undefined) return <span className={cn("text-muted-foreground", className)}>–</span>;
  const own = FORMATS[format](value, { seconds });
  const there = timeZone ? FORMATS[format](value, { seconds, timeZone }) : own;
  const isSameDay = timeZone && formatDate(value) === formatDate(value, { timeZone });
  return (
    <time dateTime={new Date(value).toISOString()} className={className} title={fullTime(value)}>
      {own}
      {timeZone && there !== own && (
        <span className="text-muted-foreground" title={fullTime(value, timeZone)}>
          {" "}
          ({t("time.there", { time: isSameDay ? formatTime(value, { seconds, timeZone }) : there })})
        </span>
      )}
    </time>
  );
}

/** With seconds and the zone's name. */
export function fullTime(value: Moment, timeZone?: string): string {
  return formatDateTime(value, { seconds: true, zoneName: true, timeZone });
}
