import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { isRouteErrorResponse, useRouteError } from "react-router";

import { Button } from "@/components/ui/button";

/** A page that failed: says so and offers to reload. A chunk that is gone means that the server was updated. */
export function RouteError() {
  const { t } = useTranslation();
  const error = useRouteError();
  const gone = error instanceof TypeError && /import|module/i.test(error.message);

  useEffect(() => {
    console.error(error);
  }, [error]);

  return (
    <div role="alert" className="mx-auto grid max-w-md gap-3 p-10 text-center">
      <h1 className="text-lg font-semibold">{gone ? t("version.changed") : t("error.page")}</h1>
      <p className="text-muted-foreground">{gone ? t("version.changedHint") : t("error.pageHint")}</p>
      {isRouteErrorResponse(error) && <p className="text-muted-foreground tabular-nums">{error.status}</p>}
      <Button className="mx-auto" onClick={() => location.reload()}>
        {t("reload")}
      </Button>
    </div>
  );
}
