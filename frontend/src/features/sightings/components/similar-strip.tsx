import { useState } from "react";
import { ScanSearch } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { SightingDetailOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";

import { useSimilarSightings } from "../api/use-similar-sightings";
import { FoundSighting } from "./found-sighting";
import { Section } from "./section";

/** Where else may this person have been? A search that goes on record with its purpose, so only when it is asked for. */
export function SimilarStrip({ sighting }: { sighting: SightingDetailOut }) {
  const { t } = useTranslation("sightings");
  const [isAsked, setAsked] = useState(false);
  const query = useSimilarSightings(sighting.id, isAsked);
  return (
    <Section
      title={t("similar.title")}
      end={
        query.data && (
          <Link
            to={`/sightings?like=${sighting.id}`}
            className="text-xs text-primary underline-offset-4 hover:underline"
          >
            {t("similar.all")}
          </Link>
        )
      }
    >
      {!isAsked && (
        <div className="flex flex-wrap items-center gap-3">
          <Button variant="outline" size="sm" disabled={!sighting.has_template} onClick={() => setAsked(true)}>
            <ScanSearch aria-hidden />
            {t("similar.find")}
          </Button>
          <p className="min-w-0 flex-1 basis-48 text-xs text-muted-foreground">
            {t(sighting.has_template ? "similar.hint" : "similar.noTemplate")}
          </p>
        </div>
      )}
      {isAsked && (
        <QueryView
          query={query}
          skeleton={
            <div className="flex gap-3 overflow-hidden">
              {Array.from({ length: 5 }, (_, index) => (
                <Skeleton key={index} className="h-44 w-28 shrink-0" />
              ))}
            </div>
          }
          isEmpty={({ items }) => items.length === 0}
          empty={<p className="text-muted-foreground">{t("similar.none")}</p>}
        >
          {({ items }) => (
            <ul className="flex snap-x gap-3 overflow-x-auto pb-2">
              {items.map((match) => (
                <li key={match.sighting.id} className="w-28 shrink-0 snap-start">
                  <FoundSighting match={match} onStale={() => void query.refetch()} />
                </li>
              ))}
            </ul>
          )}
        </QueryView>
      )}
    </Section>
  );
}
