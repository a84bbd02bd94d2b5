import { useEffect } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { getVersionOptions } from "@/client/@tanstack/react-query.gen";
import { Button } from "@/components/ui/button";
import { useWebSocket } from "@/hooks/use-web-socket";

/** Says when the server is of another version than this page; asked whenever a connection was made anew. */
export function VersionNotice() {
  const { t } = useTranslation();
  const { state } = useWebSocket();
  const { data, refetch } = useQuery(getVersionOptions());

  useEffect(() => {
    if (state === "open") void refetch();
  }, [state, refetch]);

  if (!data || data.version === __SIGHTLINE_VERSION__) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 border-b bg-accent px-4 py-1.5 text-sm">
      <span>{t("version.differs", { server: data.version, page: __SIGHTLINE_VERSION__ })}</span>
      <Button size="sm" variant="outline" onClick={() => location.reload()}>
        {t("reload")}
      </Button>
    </div>
  );
}
