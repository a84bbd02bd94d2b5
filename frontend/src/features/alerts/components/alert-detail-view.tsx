import { BellOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { AlertDetailOut } from "@/client/types.gen";
import { EmptyState } from "@/components/empty-state";
import { QueryView } from "@/components/query-view";
import { SeverityBadge } from "@/components/severity-badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useAuth } from "@/hooks/use-auth";
import { isApiError } from "@/lib/errors";

import { useAlert } from "../api/use-alert";
import type { Handling } from "../api/use-handling";
import { AlertBadge } from "./alert-badge";
import { Comparison } from "./comparison";
import { Deliveries } from "./deliveries";
import { DetailActions } from "./detail-actions";
import { Escalation } from "./escalation";
import { Evidence } from "./evidence";
import { Facts } from "./facts";
import { History } from "./history";
import { IdentityNotice } from "./identity-notice";
import { VerifyPanel } from "./verify-panel";

/** By which the detail takes the focus. */
export const DETAIL_HEADING = "alert-heading";

interface Props {
  alertId: string;
  handling: Handling;
  onResolve: (ids: string[]) => void;
  /** On a page of its own the name is the page's heading. */
  level: 1 | 2;
}

/** Everything on one alert, and what can be done with it. */
export function AlertDetailView({ alertId, ...rest }: Props) {
  const query = useAlert(alertId);
  if (isApiError(query.error, "not_found") && !query.isFetching) return <Missing />;
  return (
    <QueryView query={query} skeleton={<DetailSkeleton />}>
      {(alert) => <Found key={alert.id} alert={alert} {...rest} />}
    </QueryView>
  );
}

function Found({ alert, handling, onResolve, level }: { alert: AlertDetailOut } & Omit<Props, "alertId">) {
  const { t } = useTranslation("alerts");
  const { hasPermission } = useAuth();
  const Heading = `h${level}` as const;
  const name = alert.subject_name ?? t("common:unknownPerson");
  return (
    <article aria-labelledby={DETAIL_HEADING} className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="grid min-w-0 gap-1">
          <Heading
            id={DETAIL_HEADING}
            tabIndex={-1}
            className="truncate text-xl font-semibold tracking-tight outline-none focus-visible:underline"
            title={name}
          >
            {alert.subject_id && hasPermission("read_subjects") ? (
              <Link to={`/subjects/${alert.subject_id}`} className="underline-offset-4 hover:underline">
                <bdi>{name}</bdi>
              </Link>
            ) : (
              <bdi>{name}</bdi>
            )}
          </Heading>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <SeverityBadge severity={alert.severity} />
            <AlertBadge alert={alert} />
          </div>
        </div>
        {hasPermission("handle_alerts") && (
          <div className="flex flex-wrap items-center gap-2">
            <DetailActions alert={alert} handling={handling} onResolve={() => onResolve([alert.id])} />
          </div>
        )}
      </header>
      <IdentityNotice alert={alert} />
      <VerifyPanel alert={alert} />
      <Comparison alert={alert} />
      <div className="@container">
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 @2xl:grid-cols-2">
          <div className="grid min-w-0 gap-5">
            <Facts alert={alert} />
            <Escalation alert={alert} />
            <History alert={alert} />
          </div>
          <div className="grid min-w-0 gap-5">
            <Evidence alert={alert} />
            <Deliveries alertId={alert.id} />
          </div>
        </div>
      </div>
    </article>
  );
}

function Missing() {
  const { t } = useTranslation("alerts");
  return (
    <EmptyState
      icon={BellOff}
      title={t("missing.title")}
      description={t("missing.hint")}
      action={
        <Button asChild variant="outline">
          <Link to="/alerts">{t("missing.back")}</Link>
        </Button>
      }
    />
  );
}

function DetailSkeleton() {
  return (
    <div className="grid gap-4">
      <div className="grid gap-2">
        <Skeleton className="h-6 w-56" />
        <Skeleton className="h-5 w-40" />
      </div>
      <Skeleton className="h-80" />
      <Skeleton className="h-56" />
    </div>
  );
}
