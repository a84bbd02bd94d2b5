import { useTranslation } from "react-i18next";

import { SimilarityBadge } from "@/components/similarity-badge";
import { formatNumber } from "@/lib/format";

import type { Match } from "../lib/evidence";

/** How alike, and what that means: of so many strangers one would be taken for this person. */
export function Odds({ match, name }: { match: Match; name: string }) {
  const { t } = useTranslation("alerts");
  const { similarity, falseMatchRate, isBound } = match;
  if (similarity === null) return null;
  const number =
    falseMatchRate && falseMatchRate > 0
      ? formatNumber(1 / falseMatchRate, { maximumSignificantDigits: 2, notation: "standard" })
      : null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-t pt-3">
      <SimilarityBadge similarity={similarity} falseMatchRate={falseMatchRate} />
      <p className="min-w-0 flex-1 basis-64 text-pretty">
        {number === null ? t("odds.notMeasured") : t(isBound ? "odds.bound" : "odds.rate", { number, name })}
      </p>
    </div>
  );
}
