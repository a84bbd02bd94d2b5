import { useId, useState, type ReactNode } from "react";
import { SlidersHorizontal } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { Button } from "@/components/ui/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Slider } from "@/components/ui/slider";
import { formatNumber } from "@/lib/format";

import { VERDICTS, type UrlState } from "../lib/address";

interface Props {
  state: UrlState;
  onChange: (change: Partial<UrlState>) => void;
}

/** Filters that are set less often. */
export function MoreFilters({ state, onChange }: Props) {
  const { t } = useTranslation("sightings");
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button variant="outline" size="sm" className="font-normal">
          <SlidersHorizontal aria-hidden />
          {t("filter.more")}
        </Button>
      </PopoverTrigger>
      <PopoverContent className="grid w-72 gap-4" aria-label={t("filter.more")}>
        <Field label={t("filter.verdict")}>
          <Combobox
            size="sm"
            className="w-full"
            aria-label={t("filter.verdict")}
            placeholder={t("filter.anyVerdict")}
            options={VERDICTS.map((value) => ({ value, label: t(`verdict.${value}`) }))}
            value={state.verdict ?? null}
            onChange={(chosen) => onChange({ verdict: VERDICTS.find((one) => one === chosen) })}
          />
        </Field>
        <Field label={t("filter.view")}>
          <Combobox
            size="sm"
            className="w-full"
            aria-label={t("filter.view")}
            placeholder={t("filter.anyView")}
            options={[
              { value: "true", label: t("filter.open") },
              { value: "false", label: t("filter.closed") },
            ]}
            value={state.open === undefined ? null : String(state.open)}
            onChange={(open) => onChange({ open: open === null ? undefined : open === "true" })}
          />
        </Field>
        <Least
          label={t("filter.similarity")}
          value={state.similarity}
          onChange={(similarity) => onChange({ similarity })}
        />
        <Least label={t("filter.quality")} value={state.quality} onChange={(quality) => onChange({ quality })} />
      </PopoverContent>
    </Popover>
  );
}

function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <span className="text-xs font-medium">{label}</span>
      {children}
    </div>
  );
}

interface LeastProps {
  label: string;
  value: number | undefined;
  /** undefined: any. */
  onChange: (value: number | undefined) => void;
}

/** At zero anything will do. */
function Least({ label, value = 0, onChange }: LeastProps) {
  const { t } = useTranslation("sightings");
  const id = useId();
  const [dragged, setDragged] = useState<number | null>(null);
  const shown = dragged ?? value;
  const text =
    shown <= 0 ? t("filter.any") : formatNumber(shown, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (
    <div className="grid gap-1.5">
      <span className="flex justify-between gap-2 text-xs">
        <span id={id} className="font-medium">
          {label}
        </span>
        <span className="text-muted-foreground tabular-nums">{text}</span>
      </span>
      <Slider
        aria-labelledby={id}
        min={0}
        max={1}
        step={0.05}
        value={[shown]}
        valueText={() => text}
        onValueChange={([next]) => setDragged(next ?? 0)}
        onValueCommit={([next]) => {
          setDragged(null);
          onChange(next ? next : undefined);
        }}
      />
    </div>
  );
}
