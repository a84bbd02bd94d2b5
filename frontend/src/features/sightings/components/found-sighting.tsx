import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { HistoryMatchOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { SimilarityBadge } from "@/components/similarity-badge";
import { Timestamp } from "@/components/timestamp";

/** A past sighting that resembles the face that is looked for. */
export function FoundSighting({ match, onStale }: { match: HistoryMatchOut; onStale?: () => void }) {
  const { t } = useTranslation("sightings");
  const { sighting } = match;
  const name = sighting.subject_name ?? t("common:unknownPerson");
  return (
    <div className="relative grid gap-1.5 rounded-lg border bg-card p-2 hover:border-ring/60">
      <FaceThumb
        src={sighting.image_url ?? null}
        alt=""
        quality={sighting.quality}
        onRetry={onStale}
        className="aspect-square size-full"
      />
      <Link
        to={`/sightings/${sighting.id}`}
        title={name}
        className="truncate font-medium outline-none after:absolute after:inset-0 after:rounded-lg focus-visible:after:outline-2 focus-visible:after:outline-ring"
      >
        <bdi>{name}</bdi>
      </Link>
      <span className="truncate text-xs text-muted-foreground" title={sighting.camera_name}>
        <bdi>{sighting.camera_name}</bdi>
      </span>
      <Timestamp value={sighting.detected_at} className="truncate text-xs text-muted-foreground" />
      <SimilarityBadge similarity={match.similarity} />
    </div>
  );
}
