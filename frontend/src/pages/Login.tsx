import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useSearchParams } from "react-router";

import { LoginForm } from "@/features/account/components/login-form";
import { useAuth } from "@/hooks/use-auth";
import { usePageTitle } from "@/hooks/use-page-title";

/** Only ways within the interface: a link must not lead a fresh login elsewhere. */
export function nextPath(search: URLSearchParams): string {
  const next = search.get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}

export function Component() {
  const { t } = useTranslation("account");
  const { state } = useAuth();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const next = nextPath(search);

  usePageTitle(t("login.title"));

  if (state === "authenticated") return <Navigate to={next} replace />;
  return (
    <main className="grid min-h-dvh place-items-center bg-muted/40 p-4">
      <div className="w-full max-w-sm space-y-6 rounded-lg border bg-card p-6">
        <header className="flex items-center gap-3">
          <img src="/icon.svg" alt="" width={32} height={32} />
          <h1 className="text-lg font-semibold">{t("login.title")}</h1>
        </header>
        {search.get("reason") === "link" && <p role="status">{t("login.linkSpent")}</p>}
        <LoginForm onDone={() => void navigate(next, { replace: true })} />
      </div>
    </main>
  );
}
