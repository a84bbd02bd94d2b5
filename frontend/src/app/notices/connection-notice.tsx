import { useEffect, useState } from "react";
import { CloudOff, RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useWebSocket } from "@/hooks/use-web-socket";

/** A connection that comes back within this is nobody's business. */
const PATIENCE_MS = 1_500;

/** Says when what is shown may be old: no network, or the server is being asked again. */
export function ConnectionNotice() {
  const { t } = useTranslation();
  const { state } = useWebSocket();
  const [isLate, setIsLate] = useState(false);
  const isOnline = useOnline();

  useEffect(() => {
    if (state !== "reconnecting") return setIsLate(false);
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);

  const shown = isOnline ? isLate : true;
  const Icon = isOnline ? RefreshCw : CloudOff;
  return (
    <div role="status" aria-live="polite">
      {shown && (
        <p className="flex items-center gap-2 border-b bg-warning/15 px-4 py-1.5 text-sm text-foreground">
          <Icon className="size-4 shrink-0" aria-hidden />
          {isOnline ? t("connection.reconnecting") : t("connection.offline")}
        </p>
      )}
    </div>
  );
}

function useOnline(): boolean {
  const [isOnline, setIsOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setIsOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return isOnline;
}
