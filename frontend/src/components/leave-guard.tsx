import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker, type Location } from "react-router";

import { ConfirmDialog } from "@/components/confirm-dialog";

interface Props {
  isDirty: boolean;
  /** Whether what was typed is still there at another address: the steps of a wizard. */
  isKeptAt?: (to: Location) => boolean;
}

/** What was typed and not saved is not lost by a click on a link or on "back". */
export function LeaveGuard({ isDirty, isKeptAt }: Props) {
  const { t } = useTranslation("kit");
  const blocker = useBlocker(
    ({ currentLocation: from, nextLocation: to }) =>
      isDirty && from.pathname + from.search !== to.pathname + to.search && !isKeptAt?.(to),
  );
  useEffect(() => {
    if (!isDirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isDirty]);
  if (blocker.state !== "blocked") return null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && blocker.reset?.()}
      title={t("leave.title")}
      description={t("leave.hint")}
      confirmLabel={t("leave.confirm")}
      destructive
      onConfirm={() => blocker.proceed?.()}
    />
  );
}
