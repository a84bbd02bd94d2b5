import { useState, type SyntheticEvent } from "react";
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
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { toast, toastError } from "@/lib/toast";

import { useRemoveSecondFactor } from "../api/use-second-factor";

/** Asks for password and code: a borrowed browser is not enough. */
export function RemoveSecondFactor({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("account");
  const remove = useRemoveSecondFactor();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    remove.mutate(
      { password, code },
      {
        onSuccess: () => {
          toast.success(t("factor.removed"));
          onClose();
        },
        onError: toastError,
      },
    );
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <form onSubmit={submit} className="grid gap-4">
          <DialogHeader>
            <DialogTitle>{t("factor.remove")}</DialogTitle>
            <DialogDescription>{t("factor.removeHint")}</DialogDescription>
          </DialogHeader>
          <div className="grid gap-1.5">
            <Label htmlFor="factor-password">{t("login.password")}</Label>
            <Input
              id="factor-password"
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </div>
          <div className="grid gap-1.5">
            <Label htmlFor="factor-code">{t("login.code")}</Label>
            <Input
              id="factor-code"
              autoComplete="one-time-code"
              dir="ltr"
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          </div>
          <DialogFooter>
            <Button variant="outline" onClick={onClose}>
              {t("common:cancel")}
            </Button>
            <Button type="submit" variant="destructive" disabled={!password || !code} loading={remove.isPending}>
              {t("factor.remove")}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
