import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { SightingDetailOut } from "@/client/types.gen";
import { SeverityBadge } from "@/components/severity-badge";
import { Timestamp } from "@/components/timestamp";
import { useAuth } from "@/hooks/use-auth";
import { formatDuration, formatNumber } from "@/lib/format";

import { useSightingAlerts } from "../api/use-sighting-alerts";
import { Section } from "./section";

const LINK = "text-primary underline-offset-4 hover:underline";

/** Where, when, for how long, and what came of it. */
export function Facts({ sighting }: { sighting: SightingDetailOut }) {
  const { t } = useTranslation("sightings");
  const { hasPermission } = useAuth();
  const zone = sighting.camera_time_zone;
  const alerts = useSightingAlerts(sighting);
  const seconds = (Date.parse(sighting.last_seen_at) - Date.parse(sighting.detected_at)) / 1000;
  return (
    <Section title={t("facts.title")}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 [&_dt]:text-muted-foreground">
        <Fact name={t("facts.camera")}>
          {hasPermission("read_cameras") ? (
            <Link to={`/cameras/${sighting.camera_id}`} className={LINK}>
              <bdi>{sighting.camera_name}</bdi>
            </Link>
          ) : (
            <bdi>{sighting.camera_name}</bdi>
          )}
        </Fact>
        <Fact name={t("facts.first")}>
          <Timestamp value={sighting.detected_at} timeZone={zone} seconds />
        </Fact>
        <Fact name={t("facts.last")}>
          {sighting.closed_at === null ? (
            t("card.inView")
          ) : (
            <Timestamp value={sighting.last_seen_at} timeZone={zone} seconds />
          )}
        </Fact>
        <Fact name={t("facts.duration")}>
          {t("facts.frames", {
            count: sighting.detections,
            number: formatNumber(sighting.detections),
            duration: formatDuration(seconds),
          })}
        </Fact>
        {alerts.length > 0 && (
          <Fact name={t("facts.alerts")}>
            <ul className="flex flex-wrap gap-x-3 gap-y-1">
              {alerts.map((alert) => (
                <li key={alert.id}>
                  <Link to={`/alerts/${alert.id}`} className={`inline-flex items-center gap-1.5 ${LINK}`}>
                    <SeverityBadge severity={alert.severity} />
                    <bdi>{alert.watchlist_name ?? t("facts.rule")}</bdi>
                  </Link>
                </li>
              ))}
            </ul>
          </Fact>
        )}
        {sighting.media_expires_at && (
          <Fact name={t("facts.expires")}>
            <Timestamp value={sighting.media_expires_at} />
          </Fact>
        )}
        {sighting.model_version && (
          <Fact name={t("facts.model")}>
            <code className="font-mono text-xs break-all">{sighting.model_version}</code>
          </Fact>
        )}
      </dl>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
