import { useTranslation } from "react-i18next";

import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Button } from "@/components/ui/button";
import { LoginForm } from "@/features/account/components/login-form";
import { useAuth } from "@/hooks/use-auth";

/** Log in again over the page as it is: what was typed stays. */
export function SessionEnded() {
  const { t } = useTranslation();
  const { user, logout } = useAuth();
  return (
    <Dialog open>
      <DialogContent showCloseButton={false} onEscapeKeyDown={(event) => event.preventDefault()}>
        <DialogHeader>
          <DialogTitle>{t("ended.title")}</DialogTitle>
          <DialogDescription>{t("ended.hint")}</DialogDescription>
        </DialogHeader>
        <LoginForm username={user?.username} onDone={() => undefined} />
        <Button variant="ghost" onClick={() => void logout()}>
          {t("ended.leave")}
        </Button>
      </DialogContent>
    </Dialog>
  );
}
