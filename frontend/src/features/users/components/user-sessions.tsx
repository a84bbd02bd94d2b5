import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { listUserSessionsOptions } from "@/client/@tanstack/react-query.gen";
import { endUserSessions } from "@/client/sdk.gen";
import type { UserOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { invalidate } from "@/lib/query";
import { toastError } from "@/lib/toast";

export function UserSessions({ user, onClose }: { user: UserOut; onClose: () => void }) {
  const { t } = useTranslation("users");
  const cache = useQueryClient();
  const sessions = useQuery({ ...listUserSessionsOptions({ path: { user_id: user.id } }), staleTime: 0 });
  const end = useMutation({
    mutationFn: () => endUserSessions({ path: { user_id: user.id } }),
    onSettled: () => invalidate(cache, "listUserSessions"),
    onError: toastError,
  });
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("sessions.title", { name: user.username })}</DialogTitle>
          <DialogDescription>{t("sessions.hint")}</DialogDescription>
        </DialogHeader>
        <QueryView
          query={sessions}
          skeleton={<Skeleton className="h-24 w-full" />}
          isEmpty={({ items }) => items.length === 0}
          empty={<p className="text-muted-foreground">{t("sessions.none")}</p>}
        >
          {({ items }) => (
            <ul className="max-h-80 divide-y overflow-y-auto rounded-md border">
              {items.map((session) => (
                <li key={session.id} className="px-3 py-2">
                  <bdi dir="ltr">{session.ip_address}</bdi> · <TimeAgo value={session.last_used_at} />
                  <p dir="ltr" className="truncate text-xs text-muted-foreground" title={session.user_agent ?? ""}>
                    {session.user_agent}
                  </p>
                </li>
              ))}
            </ul>
          )}
        </QueryView>
        <DialogFooter>
          <Button
            variant="destructive"
            disabled={!sessions.data?.items.length}
            loading={end.isPending}
            onClick={() => end.mutate()}
          >
            {t("sessions.end")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
