import { useTranslation } from "react-i18next";
import { Navigate, useNavigate } from "react-router";

import { Button } from "@/components/ui/button";
import { PasswordForm } from "@/features/account/components/password-form";
import { useAuth } from "@/hooks/use-auth";
import { usePageTitle } from "@/hooks/use-page-title";
import { toastError } from "@/lib/toast";

/** Before anything else a new account chooses its own password. */
export function Component() {
  const { t } = useTranslation("account");
  const { user, logout } = useAuth();
  const navigate = useNavigate();

  usePageTitle(t("welcome.title"));

  if (user && !user.must_change_password) return <Navigate to="/" replace />;
  return (
    <main className="grid min-h-dvh place-items-center bg-muted/40 p-4">
      <div className="grid w-full max-w-md gap-5 rounded-lg border bg-card p-6">
        <header className="grid gap-2">
          <h1 className="text-lg font-semibold">{t("welcome.title")}</h1>
          <p className="text-muted-foreground">{t("welcome.hint")}</p>
        </header>
        <PasswordForm onDone={() => void navigate(user?.role === "admin" ? "/onboarding" : "/", { replace: true })} />
        <Button variant="ghost" className="justify-self-start" onClick={() => void logout().catch(toastError)}>
          {t("common:user.logout")}
        </Button>
      </div>
    </main>
  );
}
