import { useEffect, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isRouteErrorResponse, useRouteError } from "react-router";

import { Button } from "@/components/ui/button";
import { isOtherBuild } from "@/lib/build";
import { isApiError } from "@/lib/errors";

const ASK_AGAIN_MS = 3_000;
/** What browsers say of a page's script that they cannot fetch. */
const MISSING = /dynamically imported module|module script|preload CSS|importing a module/i;
const RELOADED = "sightline.reloaded"; // ms since the epoch
/** A page that fails again so soon after loading anew would fail for ever. */
const ONCE_IN_MS = 30_000;

/** A page that failed: says why and offers to reload. */
export function RouteError() {
  const error = useRouteError();
  useEffect(() => {
    console.error(error);
  }, [error]);
  if (error instanceof Error && MISSING.test(error.message)) return <PageMissing />;
  return <PageFailed error={error} />;
}

/** Its script is not there. Either the server is away: wait for it; or it was updated: load everything anew, for the
 * page before has been left already. */
function PageMissing() {
  const { t } = useTranslation();
  const { isSuccess, isError } = useQuery({
    queryKey: ["build", "page missing"],
    queryFn: () => isOtherBuild(),
    retry: false,
    gcTime: 0,
    staleTime: 0,
    refetchInterval: ({ state }) => (state.status === "error" ? ASK_AGAIN_MS : false),
  });

  useEffect(() => {
    if (!isSuccess || Date.now() - Number(sessionStorage.getItem(RELOADED)) < ONCE_IN_MS) return;
    sessionStorage.setItem(RELOADED, String(Date.now()));
    location.reload();
  }, [isSuccess]);

  if (isError) return <Told title={t("error.unreachable")} hint={t("error.unreachableWait")} />;
  return <Told title={t("version.changed")} hint={t("version.changedHint")} />;
}

function PageFailed({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const status = isRouteErrorResponse(error) || isApiError(error) ? error.status : 0;
  return (
    <Told title={t("error.page")} hint={t("error.pageHint")}>
      {status > 0 && <p className="text-muted-foreground tabular-nums">{status}</p>}
    </Told>
  );
}

function Told({ title, hint, children }: { title: string; hint: string; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div role="alert" className="mx-auto grid max-w-md gap-3 p-10 text-center">
      <h1 className="text-lg font-semibold">{title}</h1>
      <p className="text-muted-foreground">{hint}</p>
      {children}
      <Button className="mx-auto" onClick={() => location.reload()}>
        {t("reload")}
      </Button>
    </div>
  );
}
