import { useTranslation } from "react-i18next";

import { QueryView } from "@/components/query-view";
import { TimeAgo } from "@/components/time-ago";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { toastError } from "@/lib/toast";

import { useEndSession, useSessions } from "../api/use-sessions";
import { describeBrowser } from "../lib/browser-name";

/** Where one is logged in; others can be ended at once. */
export function SessionsList() {
  const { t } = useTranslation("account");
  const sessions = useSessions();
  const end = useEndSession();
  return (
    <QueryView query={sessions} skeleton={<Skeleton className="h-28 w-full" />}>
      {({ items }) => (
        <ul className="divide-y rounded-md border">
          {items.map((session) => (
            <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2">
              <div className="min-w-0 flex-1">
                <p className="flex items-center gap-2 truncate">
                  <bdi>{describeBrowser(session.user_agent) ?? t("sessions.unknown")}</bdi>
                  {session.current && <Badge variant="secondary">{t("sessions.this")}</Badge>}
                </p>
                <p className="text-xs text-muted-foreground">
                  <bdi dir="ltr">{session.ip_address}</bdi> · {t("sessions.used")}{" "}
                  <TimeAgo value={session.last_used_at} />
                </p>
              </div>
              {!session.current && (
                <Button
                  size="sm"
                  variant="outline"
                  loading={end.isPending && end.variables === session.id}
                  onClick={() => end.mutate(session.id, { onError: toastError })}
                >
                  {t("sessions.end")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </QueryView>
  );
}
