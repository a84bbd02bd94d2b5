import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { AlertDetailOut } from "@/client/types.gen";
import { TimeAgo } from "@/components/time-ago";
import { Timestamp } from "@/components/timestamp";
import { useAuth } from "@/hooks/use-auth";

import { useAlertCamera } from "../api/use-alert-camera";
import { useRuleOfAlert } from "../api/use-alert-rule";

/** Where, when, why and whose. */
export function Facts({ alert }: { alert: AlertDetailOut }) {
  const { t } = useTranslation("alerts");
  const { hasPermission } = useAuth();
  const camera = useAlertCamera(alert.camera_id);
  const rule = useRuleOfAlert(alert.rule_id);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      <Fact label={t("fact.camera")}>
        {hasPermission("read_cameras") && !camera.isError ? (
          <Name to={`/cameras/${alert.camera_id}`}>{alert.camera_name}</Name>
        ) : (
          <bdi>{alert.camera_name}</bdi>
        )}
      </Fact>
      <Fact label={t("fact.seen")}>
        <Timestamp value={alert.matched_at} timeZone={camera.data?.time_zone} seconds />
      </Fact>
      <Fact label={t("fact.raised")}>
        <Timestamp value={alert.created_at} seconds />{" "}
        <TimeAgo value={alert.created_at} className="text-muted-foreground" />
      </Fact>
      {alert.watchlist_name && (
        <Fact label={t("fact.watchlist")}>
          <Name to={`/watchlists?watchlist=${alert.watchlist_id}`}>{alert.watchlist_name}</Name>
        </Fact>
      )}
      {alert.rule_id && (
        <Fact label={t("fact.rule")}>
          {rule.data ? (
            <Name to={`/alerts/rules?rule=${alert.rule_id}`}>{rule.data.name}</Name>
          ) : (
            <span className="text-muted-foreground">{rule.isError ? t("fact.ruleGone") : t("common:loading")}</span>
          )}
        </Fact>
      )}
      <Fact label={t("fact.assigned")}>
        {alert.assigned_to_name ? (
          <bdi>{alert.assigned_to_name}</bdi>
        ) : (
          <span className="text-muted-foreground">{t("assign.nobody")}</span>
        )}
      </Fact>
      {alert.acknowledged_at && (
        <Fact label={t("fact.acknowledged")}>
          <bdi>{alert.acknowledged_by_name ?? t("history.machine")}</bdi>{" "}
          <TimeAgo value={alert.acknowledged_at} className="text-muted-foreground" />
        </Fact>
      )}
      {alert.resolved_at && (
        <Fact label={t("fact.resolved")}>
          <bdi>{alert.resolved_by_name ?? t("history.machine")}</bdi>{" "}
          <TimeAgo value={alert.resolved_at} className="text-muted-foreground" />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="min-w-0 wrap-break-word">{children}</dd>
    </>
  );
}

function Name({ to, children }: { to: string; children: string }) {
  return (
    <Link to={to} className="text-primary underline-offset-4 hover:underline" dir="auto">
      {children}
    </Link>
  );
}
