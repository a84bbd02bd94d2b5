import { useState } from "react";
import { Copy, KeyRound, Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { ApiKeyOut } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { LoadMore } from "@/components/load-more";
import { QueryView } from "@/components/query-view";
import { TimeAgo } from "@/components/time-ago";
import { Timestamp } from "@/components/timestamp";
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
import { useAuth } from "@/hooks/use-auth";
import { toast, toastError } from "@/lib/toast";

import { useDeleteKey, useKeys } from "../api/use-keys";
import { NewKeyDialog } from "./new-key-dialog";

/** One's own keys for machines. */
export function KeysPanel() {
  const { t } = useTranslation("settings");
  const keys = useKeys(useAuth().user?.user_id);
  const remove = useDeleteKey();
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<ApiKeyOut | null>(null);
  return (
    <section className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div>
          <h2 className="text-base font-semibold">{t("nav.keys")}</h2>
          <p className="text-muted-foreground">{t("keys.hint")}</p>
        </div>
        <Button onClick={() => setAdding(true)}>
          <Plus aria-hidden />
          {t("keys.add")}
        </Button>
      </div>
      <QueryView
        query={keys}
        skeleton={<Skeleton className="h-40" />}
        isEmpty={({ pages }) => pages.every((page) => page.items.length === 0)}
        empty={<EmptyState icon={KeyRound} title={t("keys.none")} description={t("keys.noneHint")} />}
      >
        {({ pages }) => (
          <DataTable
            caption={t("nav.keys")}
            rows={pages.flatMap((page) => page.items)}
            getRowId={({ id }) => id}
            columns={[
              { id: "name", header: t("keys.name"), cell: ({ name }) => <bdi>{name}</bdi> },
              {
                id: "prefix",
                header: t("keys.prefix"),
                cell: ({ prefix }) => <code>{prefix}…</code>,
                hideOnPhone: true,
              },
              {
                id: "scopes",
                header: t("keys.scopes"),
                cell: ({ scopes }) => <span title={scopes.join(", ")}>{scopes.length}</span>,
                hideOnPhone: true,
              },
              {
                id: "expires",
                header: t("keys.expires"),
                cell: (key) => <Timestamp value={key.expires_at} format="date" />,
              },
              {
                id: "used",
                header: t("keys.used"),
                cell: (key) => <TimeAgo value={key.last_used_at} />,
                hideOnPhone: true,
              },
              {
                id: "actions",
                header: <span className="sr-only">{t("common:actions")}</span>,
                cell: (key) => (
                  <Button
                    size="icon-sm"
                    variant="ghost"
                    aria-label={t("keys.delete", { name: key.name })}
                    onClick={() => setDoomed(key)}
                  >
                    <Trash2 aria-hidden />
                  </Button>
                ),
              },
            ]}
          />
        )}
      </QueryView>
      {keys.hasNextPage && (
        <LoadMore needsButton isLoading={keys.isFetchingNextPage} onMore={() => void keys.fetchNextPage()} />
      )}
      {isAdding && <NewKeyDialog onClose={() => setAdding(false)} onMade={setSecret} />}
      {secret && <KeySecret secret={secret} onClose={() => setSecret(null)} />}
      {doomed && (
        <ConfirmDialog
          open
          onOpenChange={(isOpen) => !isOpen && setDoomed(null)}
          title={t("keys.delete", { name: doomed.name })}
          description={t("keys.deleteHint")}
          confirmLabel={t("common:delete")}
          destructive
          onConfirm={() => remove.mutateAsync(doomed.id)}
        />
      )}
    </section>
  );
}

function KeySecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation("settings");
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("keys.secret")}</DialogTitle>
          <DialogDescription>{t("keys.secretHint")}</DialogDescription>
        </DialogHeader>
        <code dir="ltr" className="rounded-md bg-muted px-3 py-2 break-all select-all">
          {secret}
        </code>
        <DialogFooter>
          <Button
            variant="outline"
            onClick={() => navigator.clipboard.writeText(secret).then(() => toast.success(t("copied")), toastError)}
          >
            <Copy aria-hidden />
            {t("copy")}
          </Button>
          <Button onClick={onClose}>{t("common:done")}</Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
