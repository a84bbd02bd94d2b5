import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { Calendar } from "@/components/ui/calendar";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { atTime, clockOf, type DateRange } from "@/lib/date-range";

interface Props {
  value: DateRange;
  onApply: (range: DateRange) => void;
}

/** Days in a calendar and times of the viewer's clock. */
export function CustomRange({ value, onApply }: Props) {
  const { t } = useTranslation("kit");
  const id = useId();
  const since = value.since && !value.preset ? new Date(value.since) : undefined;
  const until = value.until ? new Date(value.until) : undefined;
  const [days, setDays] = useState<{ from?: Date; to?: Date } | undefined>({ from: since, to: until ?? since });
  const [today] = useState(() => new Date());
  const [from, setFrom] = useState(since ? clockOf(since) : "00:00");
  const [to, setTo] = useState(until ? clockOf(until) : "23:59");

  const start = days?.from && atTime(days.from, from);
  const end = days?.from && atTime(days.to ?? days.from, to);
  const isReversed = start !== undefined && end !== undefined && end <= start;

  function apply() {
    // The last minute counts as a whole.
    if (start && end) onApply({ since: start.toISOString(), until: new Date(end.getTime() + 59_999).toISOString() });
  }

  return (
    <div className="grid justify-items-center gap-3 border-t p-3 sm:border-s sm:border-t-0">
      <Calendar
        mode="range"
        selected={days?.from ? { from: days.from, to: days.to } : undefined}
        onSelect={setDays}
        defaultMonth={days?.from}
        disabled={{ after: today }}
      />
      <div className="grid w-full grid-cols-2 gap-2">
        <div className="grid gap-1">
          <Label htmlFor={`${id}-from`}>{t("range.from")}</Label>
          <Input id={`${id}-from`} type="time" value={from} onChange={(event) => setFrom(event.target.value)} />
        </div>
        <div className="grid gap-1">
          <Label htmlFor={`${id}-to`}>{t("range.to")}</Label>
          <Input
            id={`${id}-to`}
            type="time"
            value={to}
            aria-invalid={isReversed}
            aria-describedby={isReversed ? `${id}-problem` : undefined}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
      </div>
      {isReversed && (
        <p id={`${id}-problem`} role="alert" className="text-xs text-destructive">
          {t("range.reversed")}
        </p>
      )}
      <Button className="w-full" disabled={!start || !from || !to || isReversed} onClick={apply}>
        {t("range.apply")}
      </Button>
    </div>
  );
}
