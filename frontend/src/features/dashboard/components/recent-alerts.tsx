import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { AlertStatus } from "@/components/alert-status";
import { QueryView } from "@/components/query-view";
import { SeverityBadge } from "@/components/severity-badge";
import { TimeAgo } from "@/components/time-ago";

import { RECENT, useRecentAlerts } from "../api/use-recent";
import { RowsSkeleton } from "./rows-skeleton";
import { Nothing, Section } from "./section";

/** The newest alerts, as they come. */
export function RecentAlerts() {
  const { t } = useTranslation("dashboard");
  const alerts = useRecentAlerts();
  return (
    <Section title={t("alerts.title")} to="/alerts">
      <QueryView
        query={alerts}
        skeleton={<RowsSkeleton rows={RECENT} />}
        isEmpty={(items) => items.length === 0}
        empty={<Nothing>{t("alerts.none")}</Nothing>}
      >
        {(items) => (
          <ul className="divide-y">
            {items.map((alert) => (
              <li key={alert.id} className="relative flex items-center gap-3 px-4 py-2 hover:bg-accent/40">
                <SeverityBadge severity={alert.severity} className="shrink-0" />
                <div className="min-w-0 flex-1">
                  <Link
                    to={`/alerts/${alert.id}`}
                    className="block truncate font-medium after:absolute after:inset-0"
                    title={alert.subject_name ?? undefined}
                  >
                    <bdi>{alert.subject_name ?? t("common:unknownPerson")}</bdi>
                  </Link>
                  <p className="truncate text-xs text-muted-foreground" title={alert.camera_name}>
                    <bdi>{alert.camera_name}</bdi>
                  </p>
                </div>
                <div className="grid shrink-0 justify-items-end text-xs text-muted-foreground">
                  <TimeAgo value={alert.matched_at} />
                  <AlertStatus status={alert.status} />
                </div>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </Section>
  );
}
