import { Copy } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { toast, toastError } from "@/lib/toast";

/** A password that the server made: shown once, to be handed over. */
export function SecretDialog({ name, password, onClose }: { name: string; password: string; onClose: () => void }) {
  const { t } = useTranslation("users");

  function copy() {
    navigator.clipboard.writeText(password).then(() => toast.success(t("secret.copied")), toastError);
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("secret.title", { name })}</DialogTitle>
          <DialogDescription>{t("secret.hint")}</DialogDescription>
        </DialogHeader>
        <code dir="ltr" className="rounded-md bg-muted px-3 py-2 text-center text-base break-all select-all">
          {password}
        </code>
        <DialogFooter>
          <Button variant="outline" onClick={copy}>
            <Copy aria-hidden />
            {t("secret.copy")}
          </Button>
          <Button onClick={onClose}>{t("common:done")}</Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
