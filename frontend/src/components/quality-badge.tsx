import { useTranslation } from "react-i18next";

import { Badge } from "@/components/ui/badge";
import { formatNumber } from "@/lib/format";

/** Capture quality, 0 to 1, as a number and a small bar. What is good enough is a setting, so no colour judges it. */
export function QualityBadge({ quality, className }: { quality: number | null; className?: string }) {
  const { t } = useTranslation("kit");
  if (quality === null) return null;
  const value = formatNumber(quality, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (
    <Badge variant="secondary" className={className} title={t("quality.hint", { value })}>
      <span className="sr-only">{t("quality.label")} </span>
      <span aria-hidden className="h-1 w-6 overflow-hidden rounded-full bg-input/60">
        <span
          className="block h-full bg-foreground/65"
          style={{ width: `${100 * Math.min(1, Math.max(0, quality))}%` }}
        />
      </span>
      {value}
    </Badge>
  );
}
