import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";

import type { UserOut } from "@/client/types.gen";
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

import { useSetPassword } from "../api/use-user-changes";

const SHORTEST = 15;

/** For somebody who forgot theirs; they choose their own at the next login. */
export function PasswordDialog({ user, onClose }: { user: UserOut; onClose: () => void }) {
  const { t } = useTranslation("users");
  const set = useSetPassword();
  const [password, setPassword] = useState("");

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    set.mutate(
      { userId: user.id, password },
      {
        onSuccess: () => {
          toast.success(t("password.done"));
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
            <DialogTitle>{t("password.title", { name: user.username })}</DialogTitle>
            <DialogDescription>{t("password.hint")}</DialogDescription>
          </DialogHeader>
          <div className="grid gap-1.5">
            <Label htmlFor="set-password">{t("password.label")}</Label>
            <Input
              id="set-password"
              dir="ltr"
              autoComplete="new-password"
              minLength={SHORTEST}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </div>
          <DialogFooter>
            <Button variant="outline" onClick={onClose}>
              {t("common:cancel")}
            </Button>
            <Button type="submit" disabled={password.length < SHORTEST} loading={set.isPending}>
              {t("common:save")}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
