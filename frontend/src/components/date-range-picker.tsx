import { useState } from "react";
import { CalendarDays } from "lucide-react";
import { useTranslation } from "react-i18next";

import { CustomRange } from "@/components/date-range/custom-range";
import { Button } from "@/components/ui/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { DATE_PRESETS, rangeOfPreset, type DateRange } from "@/lib/date-range";
import { formatDateTime } from "@/lib/format";
import { cn } from "@/lib/utils";

interface Props {
  value: DateRange;
  /** {} where any time is meant. */
  onChange: (range: DateRange) => void;
  /** A time has to be chosen: "any time" is not offered. */
  required?: boolean;
  size?: "default" | "sm";
  className?: string;
}

/** From when to when: the last hour to the last 30 days by one click, or days and times of the viewer's clock. */
export function DateRangePicker({ value, onChange, required = false, size = "default", className }: Props) {
  const { t } = useTranslation("kit");
  const [open, setOpen] = useState(false);
  const isSet = Boolean(value.since || value.until || value.preset);

  function choose(range: DateRange) {
    onChange(range);
    setOpen(false);
  }

  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button variant="outline" size={size} className={cn("justify-start border-input font-normal", className)}>
          <CalendarDays aria-hidden className="text-muted-foreground" />
          <span className="sr-only">{`${t("range.label")}: `}</span>
          <RangeText value={value} />
        </Button>
      </PopoverTrigger>
      <PopoverContent className="flex w-auto flex-col p-0 sm:flex-row">
        <div
          role="group"
          aria-label={t("range.presets")}
          className="grid grid-cols-2 content-start gap-0.5 p-2 sm:grid-cols-1"
        >
          {DATE_PRESETS.map((preset) => (
            <Choice key={preset} isChosen={value.preset === preset} onClick={() => choose(rangeOfPreset(preset))}>
              {t(`range.${preset}`)}
            </Choice>
          ))}
          {!required && (
            <Choice isChosen={!isSet} onClick={() => choose({})}>
              {t("range.any")}
            </Choice>
          )}
        </div>
        <CustomRange value={value} onApply={choose} />
      </PopoverContent>
    </Popover>
  );
}

function Choice({ isChosen, onClick, children }: { isChosen: boolean; onClick: () => void; children: string }) {
  return (
    <Button
      variant="ghost"
      size="sm"
      aria-pressed={isChosen}
      className={cn("justify-start font-normal", isChosen && "bg-accent font-medium")}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}

function RangeText({ value: { since, until, preset } }: { value: DateRange }) {
  const { t } = useTranslation("kit");
  if (preset) return <span className="truncate">{t(`range.${preset}`)}</span>;
  if (since && until) {
    return (
      <span className="truncate tabular-nums">
        <bdi>{formatDateTime(since)}</bdi> – <bdi>{formatDateTime(until)}</bdi>
      </span>
    );
  }
  if (since) return <span className="truncate tabular-nums">{t("range.since", { time: formatDateTime(since) })}</span>;
  if (until) return <span className="truncate tabular-nums">{t("range.until", { time: formatDateTime(until) })}</span>;
  return <span className="truncate">{t("range.any")}</span>;
}
