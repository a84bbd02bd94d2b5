import { useTranslation } from "react-i18next";

import type { WatchlistOut } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/confirm-dialog";

import { useDeleteWatchlist, useSwitchWatchlist } from "../api/use-watchlist-changes";
import { EditWatchlistDialog } from "./watchlist-dialogs";
import type { WatchlistAction as Action } from "./watchlists-table";

/** The dialog of what was chosen for a list. */
export function WatchlistAction({
  action,
  list,
  onClose,
}: {
  action: Action;
  list: WatchlistOut;
  onClose: () => void;
}) {
  const { t } = useTranslation("watchlists");
  const remove = useDeleteWatchlist();
  const change = useSwitchWatchlist();
  const close = (isOpen: boolean) => !isOpen && onClose();
  const { name, subjects: count } = list;
  if (action === "edit" || action === "renew")
    return <EditWatchlistDialog list={list} isRenewal={action === "renew"} onClose={onClose} />;
  if (action === "delete")
    return (
      <ConfirmDialog
        open
        onOpenChange={close}
        title={t("delete.title", { name })}
        description={count > 0 ? t("delete.inUse", { count }) : t("delete.hint")}
        confirmLabel={t("common:delete")}
        destructive
        onConfirm={() => remove.mutateAsync(list.id)}
      />
    );
  const isOff = list.is_active;
  return (
    <ConfirmDialog
      open
      onOpenChange={close}
      title={t(isOff ? "switch.offTitle" : "switch.onTitle", { name })}
      description={t(isOff ? "switch.offHint" : "switch.onHint", { count })}
      confirmLabel={t(isOff ? "action.switchOff" : "action.switchOn")}
      onConfirm={() => change.mutateAsync({ id: list.id, isActive: !isOff })}
    />
  );
}
