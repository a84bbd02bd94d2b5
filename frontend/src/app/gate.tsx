import { Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Outlet, useLocation } from "react-router";

import { RouteSkeleton } from "@/components/route-skeleton";
import { Button } from "@/components/ui/button";
import { useAuth } from "@/hooks/use-auth";
import { lazyPart } from "@/lib/lazy-part";

/** While the server is away. */
const ASK_AGAIN_MS = 3_000;

const loadSessionEnded = () => import("@/app/notices/session-ended");
const SessionEnded = lazyPart(async () => ({ default: (await loadSessionEnded()).SessionEnded }));

/** Nobody passes without a login; who has to choose a new password does that first. */
export function Gate() {
  const { state, user } = useAuth();
  const { pathname, search } = useLocation();

  // Fetched while all is well: when a session ends, the server may be away.
  useEffect(() => {
    if (state === "authenticated") void loadSessionEnded();
  }, [state]);

  if (state === "loading") return <RouteSkeleton />;
  if (state === "unreachable") return <Unreachable />;
  if (state === "anonymous") return <Navigate to={loginFor(pathname + search)} replace />;
  if (user?.must_change_password && pathname !== "/welcome") return <Navigate to="/welcome" replace />;
  return (
    <>
      <Outlet />
      <Suspense>{state === "ended" && <SessionEnded />}</Suspense>
    </>
  );
}

function loginFor(path: string): string {
  return path === "/" ? "/login" : `/login?next=${encodeURIComponent(path)}`;
}

function Unreachable() {
  const { t } = useTranslation();
  const { refresh } = useAuth();

  useEffect(() => {
    const timer = setInterval(() => document.hidden || void refresh(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [refresh]);

  return (
    <main className="grid min-h-dvh place-content-center gap-3 p-6 text-center">
      <h1 className="text-lg font-semibold">{t("error.unreachable")}</h1>
      <p className="text-muted-foreground">{t("error.unreachableWait")}</p>
      <Button className="mx-auto" onClick={() => void refresh()}>
        {t("retry")}
      </Button>
    </main>
  );
}
