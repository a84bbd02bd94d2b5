import { useState, type ComponentProps } from "react";
import { useTranslation } from "react-i18next";

import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";

const UNITS = { s: 1, min: 60, h: 3600, d: 86_400 } as const;
type Unit = keyof typeof UNITS;
const LARGEST_FIRST: Unit[] = ["d", "h", "min", "s"];

function unitOf(seconds: number): Unit {
  return (seconds > 0 && LARGEST_FIRST.find((unit) => seconds % UNITS[unit] === 0)) || "s";
}

type Props = Omit<ComponentProps<typeof Input>, "value" | "onChange"> & {
  /** Seconds. */
  value: number;
  onChange: (seconds: number) => void;
};

/** A length of time as a number of seconds, minutes, hours or days. */
export function DurationInput({ value, onChange, ...input }: Props) {
  const { t } = useTranslation("rules");
  const [unit, setUnit] = useState<Unit>(() => unitOf(value));
  return (
    <div className="flex gap-2">
      <Input
        {...input}
        type="number"
        min={0}
        inputMode="numeric"
        className="w-24 tabular-nums"
        value={Number.isFinite(value) ? value / UNITS[unit] : ""}
        onChange={(event) =>
          onChange(event.target.value === "" ? Number.NaN : event.target.valueAsNumber * UNITS[unit])
        }
      />
      <Select
        value={unit}
        onValueChange={(next) => {
          const chosen = LARGEST_FIRST.find((one) => one === next) ?? "s";
          setUnit(chosen);
          if (Number.isFinite(value)) onChange((value / UNITS[unit]) * UNITS[chosen]);
        }}
      >
        <SelectTrigger aria-label={t("unit.label")} className="w-32">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {LARGEST_FIRST.toReversed().map((one) => (
            <SelectItem key={one} value={one}>
              {t(`unit.${one}`)}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </div>
  );
}
