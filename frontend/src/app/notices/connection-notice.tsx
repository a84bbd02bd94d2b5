import { useEffect, useState } from "react";
import { CloudOff, RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useOnline } from "@/app/notices/use-online";
import { Button } from "@/components/ui/button";
import { useWebSocket } from "@/hooks/use-web-socket";

/** A connection that comes back within this is nobody's business. */
const PATIENCE_MS = 1_500;

/** Says when what is shown may be old, and when it no longer is. */
export function ConnectionNotice() {
  const { t } = useTranslation();
  const { state, hurry } = useWebSocket();
  const isOnline = useOnline();
  const told = useTold(state === "reconnecting");

  const Icon = isOnline ? RefreshCw : CloudOff;
  return (
    <div role="status" aria-live="polite">
      {told === "lost" && (
        <p className="flex flex-wrap items-center gap-x-2 border-b bg-warning/15 px-4 py-1 text-sm text-foreground">
          <Icon className="size-4 shrink-0" aria-hidden />
          {isOnline ? t("connection.reconnecting") : t("connection.offline")}
          <Button size="sm" variant="ghost" onClick={hurry}>
            {t("connection.now")}
          </Button>
        </p>
      )}
      {told === "back" && <span className="sr-only">{t("connection.back")}</span>}
    </div>
  );
}

/** Nothing until a connection is lost for a while; "back" after that. */
function useTold(isLost: boolean): "nothing" | "lost" | "back" {
  const [told, setTold] = useState<"nothing" | "lost" | "back">("nothing");
  useEffect(() => {
    if (!isLost) return setTold((before) => (before === "lost" ? "back" : before));
    const timer = setTimeout(() => setTold("lost"), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  return told;
}
