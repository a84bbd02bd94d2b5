import { useEffect, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { getVersionOptions } from "@/client/@tanstack/react-query.gen";
import { Button } from "@/components/ui/button";
import { useWebSocket } from "@/hooks/use-web-socket";
import { isOtherBuild } from "@/lib/build";
import { onPartMissing } from "@/lib/lazy-part";

/** Says when the server has another version or build than this page: asked whenever a connection was made anew, and
 * when a part of the page is missing there. */
export function VersionNotice() {
  const { t } = useTranslation();
  const { state } = useWebSocket();
  const [isPartMissing, setPartMissing] = useState(false);
  const { data: version, refetch: askVersion } = useQuery(getVersionOptions());
  const { data: isOther, refetch: askBuild } = useQuery({
    queryKey: ["build"],
    queryFn: () => isOtherBuild(),
    enabled: false,
  });

  useEffect(() => {
    if (state !== "open") return;
    void askVersion();
    void askBuild();
  }, [state, askVersion, askBuild]);

  useEffect(() => {
    const look = () => {
      setPartMissing(true);
      void askBuild();
    };
    addEventListener("vite:preloadError", look);
    const stop = onPartMissing(look);
    return () => {
      removeEventListener("vite:preloadError", look);
      stop();
    };
  }, [askBuild]);

  const isOtherVersion = version !== undefined && version.version !== __SIGHTLINE_VERSION__;
  // While the server is away the strip about the connection says enough.
  if (!isOtherVersion && !isOther && !(isPartMissing && state === "open")) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-accent px-4 py-1 text-sm">
      <span>
        {isOtherVersion
          ? t("version.differs", { server: version.version, page: __SIGHTLINE_VERSION__ })
          : t(isOther ? "version.updated" : "version.partMissing")}
      </span>
      <Button size="sm" variant="outline" onClick={() => location.reload()}>
        {t("reload")}
      </Button>
    </div>
  );
}
