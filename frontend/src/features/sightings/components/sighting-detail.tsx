import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { SightingDetailOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { FramePicture } from "@/components/frame-picture";
import { QueryView } from "@/components/query-view";
import { SearchFaceLink } from "@/components/search-face-link";
import { SimilarityBadge } from "@/components/similarity-badge";
import { Skeleton } from "@/components/ui/skeleton";

import { useSighting } from "../api/use-sighting";
import { useSparingly } from "../lib/use-sparingly";
import { Candidates } from "./candidates";
import { Corrections } from "./corrections";
import { DecisionBar } from "./decision-bar";
import { Facts } from "./facts";
import { Section } from "./section";
import { SimilarStrip } from "./similar-strip";
import { VerdictBadge } from "./verdict-badge";

/** Everything about one sighting. That one looked goes on record. */
export function SightingDetail({ sightingId }: { sightingId: string }) {
  const query = useSighting(sightingId);
  const { refetch } = query;
  const stale = useSparingly(useCallback(() => void refetch(), [refetch]));
  return (
    <QueryView query={query} skeleton={<DetailSkeleton />}>
      {(sighting) => <Detail key={sighting.id} sighting={sighting} onStale={stale} />}
    </QueryView>
  );
}

function Detail({ sighting, onStale }: { sighting: SightingDetailOut; onStale: () => void }) {
  const { t } = useTranslation("sightings");
  const name = sighting.subject_name ?? t("common:unknownPerson");
  return (
    <div className="grid grid-cols-1 gap-5">
      <div className="flex flex-wrap items-center gap-2">
        <p className="line-clamp-3 min-w-0 text-lg font-semibold wrap-anywhere" title={name}>
          {sighting.subject_id ? (
            <Link to={`/subjects/${sighting.subject_id}`} className="underline-offset-4 hover:underline">
              <bdi>{name}</bdi>
            </Link>
          ) : (
            name
          )}
        </p>
        {sighting.similarity !== null && (
          <SimilarityBadge similarity={sighting.similarity} falseMatchRate={sighting.false_match_rate} />
        )}
        <VerdictBadge verdict={sighting.verdict} />
      </div>
      <Candidates sighting={sighting} onStale={onStale}>
        <div className="flex flex-wrap gap-2">
          <Can permission="correct_sightings">
            <DecisionBar sighting={sighting} />
          </Can>
          <SearchFaceLink sightingId={sighting.id} />
        </div>
      </Candidates>
      {sighting.has_context && (
        <Section title={t("detail.frame")}>
          <FramePicture
            src={sighting.context_url ?? null}
            alt={t("detail.frameAlt", { camera: sighting.camera_name })}
            ratio={sighting.frame_width / (sighting.frame_height || 1) || undefined}
            onError={onStale}
          />
        </Section>
      )}
      <Facts sighting={sighting} />
      <Corrections sighting={sighting} />
      <Can permission="search_history">
        <SimilarStrip sighting={sighting} />
      </Can>
    </div>
  );
}

function DetailSkeleton() {
  return (
    <div className="grid grid-cols-1 gap-5">
      <Skeleton className="h-7 w-48" />
      <div className="grid grid-cols-2 gap-3">
        <Skeleton className="aspect-square max-w-64" />
        <Skeleton className="aspect-square max-w-64" />
      </div>
      <Skeleton className="h-7 w-full max-w-80" />
      <Skeleton className="aspect-video" />
    </div>
  );
}
