import { useTranslation } from "react-i18next";

import { Badge } from "@/components/ui/badge";
import { formatNumber, formatRate } from "@/lib/format";

interface Props {
  similarity: number | null;
  /** How often a comparison of two different people reaches this similarity. */
  falseMatchRate?: number | null;
  className?: string;
}

/** "0.62 · 1 in 100,000": how alike, and how often chance is as alike. */
export function SimilarityBadge({ similarity, falseMatchRate, className }: Props) {
  const { t } = useTranslation("kit");
  if (similarity === null) {
    return (
      <Badge variant="outline" className={className} title={t("similarity.noneHint")}>
        {t("similarity.none")}
      </Badge>
    );
  }
  const value = formatNumber(similarity, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const rate = typeof falseMatchRate === "number" ? formatRate(falseMatchRate) : null;
  return (
    <Badge
      variant="default"
      className={className}
      title={rate ? t("similarity.hintRate", { value, rate }) : t("similarity.hint", { value })}
    >
      <span className="sr-only">{t("similarity.label")} </span>
      <bdi>{value}</bdi>
      {rate && (
        <span className="font-normal">
          · <bdi>{rate}</bdi>
        </span>
      )}
    </Badge>
  );
}
