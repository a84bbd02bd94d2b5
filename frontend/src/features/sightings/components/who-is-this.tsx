import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { FaceCandidateOut, FaceSearchOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { SimilarityBadge } from "@/components/similarity-badge";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Badge } from "@/components/ui/badge";
import { formatNumber, formatPercent } from "@/lib/format";
import { cn } from "@/lib/utils";

/** Ranked people, and how sure that is. */
export function WhoIsThis({ found }: { found: FaceSearchOut }) {
  const { t } = useTranslation("sightings");
  const { candidates, probe } = found;
  return (
    <section aria-labelledby="who-is-this" className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 id="who-is-this" className="text-base font-semibold">
          {t("who.title")}
        </h2>
        <p className="text-xs text-muted-foreground">
          {t("who.compared", { count: found.gallery_size, number: formatNumber(found.gallery_size) })}
        </p>
      </div>
      {probe.warnings.length > 0 && (
        <Alert variant="warning">
          <AlertTitle>{t("who.weak")}</AlertTitle>
          <AlertDescription>
            <ul className="list-disc ps-4">
              {probe.warnings.map((warning) => (
                <li key={warning} dir="auto">
                  {warning}
                </li>
              ))}
            </ul>
          </AlertDescription>
        </Alert>
      )}
      {candidates.length === 0 ? (
        <p className="rounded-lg border border-dashed p-6 text-center text-muted-foreground">
          {t("who.nobody", { value: formatNumber(found.min_similarity, { maximumFractionDigits: 2 }) })}
        </p>
      ) : (
        <ol className="grid grid-cols-1 gap-2">
          {candidates.map((one) => (
            <Candidate key={one.subject_id} candidate={one} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Candidate({ candidate }: { candidate: FaceCandidateOut }) {
  const { t } = useTranslation("sightings");
  const rate = candidate.false_positive_identification_rate;
  return (
    <li
      className={cn(
        "relative flex items-center gap-3 rounded-lg border bg-card p-3 hover:border-ring/60",
        candidate.is_match && "border-primary/50",
      )}
    >
      <FaceThumb src={candidate.picture_url} alt="" size="lg" />
      <div className="grid min-w-0 flex-1 gap-1">
        <Link
          to={`/subjects/${candidate.subject_id}`}
          title={candidate.name}
          className="truncate text-base font-medium outline-none after:absolute after:inset-0 after:rounded-lg focus-visible:after:outline-2 focus-visible:after:outline-ring"
        >
          <bdi>{candidate.name}</bdi>
        </Link>
        <div className="flex flex-wrap items-center gap-1.5">
          <Badge variant={candidate.is_match ? "success" : "outline"}>
            {t(candidate.is_match ? "who.match" : "who.noMatch")}
          </Badge>
          <SimilarityBadge similarity={candidate.similarity} falseMatchRate={candidate.false_match_rate} />
          {candidate.watchlist_name && (
            <Badge variant="secondary">
              <bdi>{candidate.watchlist_name}</bdi>
            </Badge>
          )}
        </div>
        {rate !== null && (
          <p className="text-xs text-muted-foreground">
            {t("who.stranger", { share: formatPercent(rate, rate < 0.01 ? 3 : 1) })}
          </p>
        )}
      </div>
    </li>
  );
}
