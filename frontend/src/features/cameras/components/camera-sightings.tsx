import { useQuery } from "@tanstack/react-query";
import { ScanFace } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { listSightingsOptions } from "@/client/@tanstack/react-query.gen";
import { EmptyState } from "@/components/empty-state";
import { FaceThumb } from "@/components/face-thumb";
import { QueryView } from "@/components/query-view";
import { SimilarityBadge } from "@/components/similarity-badge";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";

const SHOWN = 24;

/** Who came by lately. */
export function CameraSightings({ cameraId }: { cameraId: string }) {
  const { t } = useTranslation("cameras");
  const sightings = useQuery(listSightingsOptions({ query: { camera_id: [cameraId], limit: SHOWN } }));
  return (
    <QueryView
      query={sightings}
      skeleton={<Skeleton className="h-72 w-full" />}
      isEmpty={({ items }) => items.length === 0}
      empty={<EmptyState icon={ScanFace} title={t("recent.none")} description={t("recent.noneHint")} />}
    >
      {({ items }) => (
        <div className="grid grid-cols-1 gap-3">
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-2">
            {items.map((sighting) => (
              <li key={sighting.id}>
                <Link
                  to={`/sightings/${sighting.id}`}
                  className="grid gap-1.5 rounded-md border bg-card p-2 hover:border-ring"
                >
                  <FaceThumb
                    src={sighting.image_url ?? null}
                    alt={sighting.subject_name ?? t("common:unknownPerson")}
                    onRetry={() => void sightings.refetch({ cancelRefetch: false })}
                    className="aspect-square h-auto w-full"
                  />
                  <bdi className="truncate">{sighting.subject_name ?? t("common:unknownPerson")}</bdi>
                  <span className="text-xs text-muted-foreground">
                    <TimeAgo value={sighting.detected_at} />
                  </span>
                  {sighting.subject_id && (
                    <SimilarityBadge similarity={sighting.similarity} falseMatchRate={sighting.false_match_rate} />
                  )}
                </Link>
              </li>
            ))}
          </ul>
          <Button asChild variant="outline" className="justify-self-start">
            <Link to={`/sightings?camera=${cameraId}`}>{t("recent.all")}</Link>
          </Button>
        </div>
      )}
    </QueryView>
  );
}
