import { useSyncExternalStore } from "react";
import { Clock } from "lucide-react";
import { useTranslation } from "react-i18next";

import { clockError, onClock } from "@/lib/clock";
import { formatDuration } from "@/lib/format";

/** Says that this device's clock is wrong; times are shown by the server's all the same. */
export function ClockNotice() {
  const { t } = useTranslation();
  const ahead = useSyncExternalStore(onClock, clockError);
  if (ahead === 0) return null;
  const span = formatDuration(Math.round(Math.abs(ahead) / 60_000) * 60);
  return (
    <p role="status" className="flex items-center gap-2 border-b bg-warning/15 px-4 py-1.5 text-sm">
      <Clock className="size-4 shrink-0" aria-hidden />
      {t(ahead > 0 ? "clock.ahead" : "clock.behind", { span })}
    </p>
  );
}
