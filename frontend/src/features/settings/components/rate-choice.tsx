import { useTranslation } from "react-i18next";

import { FormControl } from "@/components/ui/form";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { formatNumber, formatPercent, formatRate } from "@/lib/format";

import { useSystemInformation } from "../api/use-settings";

interface Props {
  value: string;
  onChange: (value: string) => void;
  disabled: boolean;
}

/** The operating point, among those that the model pack has measured. */
export function RateChoice({ value, onChange, disabled }: Props) {
  const { t } = useTranslation("settings");
  const pack = useSystemInformation().data?.pack;
  const points = (pack?.operating_points ?? []).filter(({ min_similarity }) => min_similarity !== null);
  const isKnown = points.some(({ fmr }) => String(fmr) === value);
  return (
    <>
      <Select value={value} onValueChange={onChange} disabled={disabled}>
        <FormControl>
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
        </FormControl>
        <SelectContent>
          {!isKnown && <SelectItem value={value}>{formatRate(Number(value))}</SelectItem>}
          {points.map(({ fmr, min_similarity, tmr }) => (
            <SelectItem key={fmr} value={String(fmr)}>
              {t("point", {
                rate: formatRate(fmr),
                threshold: formatNumber(min_similarity ?? 0, { maximumFractionDigits: 3 }),
                found: tmr === null ? "–" : formatPercent(tmr, 1),
              })}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
      {pack && (
        <p className="text-xs text-muted-foreground" dir="auto">
          {t("measured", { pack: pack.title, set: pack.measured_on })}
        </p>
      )}
    </>
  );
}
