import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { SightingOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { QueryView } from "@/components/query-view";
import { SimilarityBadge } from "@/components/similarity-badge";
import { TimeAgo } from "@/components/time-ago";

import { RECENT, useRecentSightings } from "../api/use-recent";
import { RowsSkeleton } from "./rows-skeleton";
import { Nothing, Section } from "./section";

/** Who was seen last, as they come. */
export function RecentSightings() {
  const { t } = useTranslation("dashboard");
  const sightings = useRecentSightings();
  return (
    <Section title={t("sightings.title")} to="/sightings">
      <QueryView
        query={sightings}
        skeleton={<RowsSkeleton rows={RECENT / 2} />}
        isEmpty={(items) => items.length === 0}
        empty={<Nothing>{t("sightings.none")}</Nothing>}
      >
        {(items) => (
          <ul className="grid grid-cols-1 sm:grid-cols-2">
            {items.map((sighting) => (
              <Row
                key={sighting.id}
                sighting={sighting}
                onStale={() => void sightings.refetch({ cancelRefetch: false })}
              />
            ))}
          </ul>
        )}
      </QueryView>
    </Section>
  );
}

function Row({ sighting, onStale }: { sighting: SightingOut; onStale: () => void }) {
  const { t } = useTranslation("dashboard");
  const name = sighting.subject_name ?? t("common:unknownPerson");
  return (
    <li className="relative flex items-center gap-3 px-4 py-2 hover:bg-accent/40">
      <FaceThumb src={sighting.image_url ?? null} alt={name} onRetry={onStale} />
      <div className="min-w-0 flex-1">
        <Link
          to={`/sightings/${sighting.id}`}
          className="block truncate font-medium after:absolute after:inset-0"
          title={name}
        >
          <bdi>{name}</bdi>
        </Link>
        <p className="truncate text-xs text-muted-foreground" title={sighting.camera_name}>
          <bdi>{sighting.camera_name}</bdi> · <TimeAgo value={sighting.detected_at} />
        </p>
        {sighting.similarity !== null && (
          <SimilarityBadge similarity={sighting.similarity} falseMatchRate={sighting.false_match_rate} />
        )}
      </div>
    </li>
  );
}
