import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { AlertDetailOut, SightingDetailOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { FramePicture } from "@/components/frame-picture";
import { SimilarityBadge } from "@/components/similarity-badge";

import { useAlertSighting } from "../api/use-alert-sighting";
import { others } from "../lib/evidence";
import { Section } from "./section";

const MOST_OTHERS = 4;

/** The whole picture, in which the server has marked the face, and who on file comes next in likeness. */
export function Evidence({ alert }: { alert: AlertDetailOut }) {
  const { t } = useTranslation("alerts");
  const { data: sighting, refetch } = useAlertSighting(alert.sighting_id);
  if (!sighting) return null;
  return (
    <Section
      title={t("frame.title")}
      end={
        <Link to={`/sightings/${sighting.id}`} className="text-xs text-primary underline-offset-4 hover:underline">
          {t("frame.sighting")}
        </Link>
      }
    >
      {sighting.has_context ? (
        <FramePicture
          src={sighting.context_url ?? null}
          alt={t("frame.alt", { camera: alert.camera_name })}
          ratio={sighting.frame_width / (sighting.frame_height || 1)}
          onError={() => void refetch()}
        />
      ) : (
        <p className="text-muted-foreground">{t("frame.none")}</p>
      )}
      <Others alert={alert} sighting={sighting} />
    </Section>
  );
}

function Others({ alert, sighting }: { alert: AlertDetailOut; sighting: SightingDetailOut }) {
  const { t } = useTranslation("alerts");
  const found = others(alert, sighting).slice(0, MOST_OTHERS);
  if (found.length === 0) return null;
  return (
    <div className="grid gap-1.5">
      <h4 className="text-xs font-medium text-muted-foreground">{t("frame.others")}</h4>
      <ul className="grid gap-1.5 sm:grid-cols-2">
        {found.map((one) => {
          const name = one.subject_name ?? t("frame.notVisible");
          return (
            <li key={one.subject_id} className="flex min-w-0 items-center gap-2">
              <FaceThumb src={one.picture_url ?? null} alt={name} size="sm" />
              <bdi className="min-w-0 flex-1 truncate" title={name}>
                {name}
              </bdi>
              <SimilarityBadge similarity={one.similarity} falseMatchRate={one.false_match_rate} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
