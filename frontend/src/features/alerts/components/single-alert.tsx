import { useState } from "react";
import { ArrowLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";

import { Button } from "@/components/ui/button";
import { useAuth } from "@/hooks/use-auth";
import { usePageTitle } from "@/hooks/use-page-title";

import { useAlert } from "../api/use-alert";
import { useHandling } from "../api/use-handling";
import { useTriageKeys } from "../lib/use-triage-keys";
import { AlertDetailView } from "./alert-detail-view";
import { COMMENT_FIELD } from "./comment-form";
import { ResolveDialog } from "./resolve-dialog";

/** One alert on a page of its own: on phones, and where links of notifications lead. */
export function SingleAlert({ alertId }: { alertId: string }) {
  const { t } = useTranslation("alerts");
  const { user, hasPermission } = useAuth();
  const { search } = useLocation();
  const { data: alert } = useAlert(alertId);
  const handling = useHandling();
  const [resolving, setResolving] = useState<string[]>([]);
  const isOpen = alert !== undefined && alert.status !== "resolved";
  usePageTitle(alert ? (alert.subject_name ?? t("common:unknownPerson")) : t("title"));

  useTriageKeys({
    canHandle: hasPermission("handle_alerts") && alert !== undefined,
    onAcknowledge: () => alert?.status === "new" && void handling.acknowledge([alertId]),
    onResolve: () => isOpen && setResolving([alertId]),
    onAssignToMe: () =>
      isOpen && user && void handling.assign([alertId], { id: user.user_id, username: user.username }),
    onComment: () => document.querySelector<HTMLElement>(`[${COMMENT_FIELD}]`)?.focus(),
  });

  return (
    <div className="mx-auto grid max-w-6xl grid-cols-[minmax(0,1fr)] gap-3">
      <Button asChild variant="ghost" size="sm" className="-ms-2 justify-self-start">
        <Link to={`/alerts${search}`}>
          <ArrowLeft aria-hidden className="rtl:rotate-180" />
          {t("missing.back")}
        </Link>
      </Button>
      <AlertDetailView alertId={alertId} handling={handling} onResolve={setResolving} level={1} />
      <ResolveDialog
        count={resolving.length}
        onClose={() => setResolving([])}
        onResolve={(verdict, note) => {
          setResolving([]);
          void handling.resolve([alertId], verdict, note);
        }}
      />
    </div>
  );
}
