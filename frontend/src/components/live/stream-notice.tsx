import { LoaderCircle, TriangleAlert, VideoOff } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { CameraDetailOut } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { TimeAgo } from "@/components/time-ago";
import { formatTime } from "@/lib/format";
import { isApiError } from "@/lib/errors";
import { cn } from "@/lib/utils";

interface Props {
  camera: CameraDetailOut | undefined;
  problem: unknown;
  takenAt: number | null;
  isStale: boolean;
  onRetry: () => void;
}

/** Over the picture: that it is coming, that it is old, or why there is none. Says nothing while all is well. */
export function StreamNotice({ camera, problem, takenAt, isStale, onRetry }: Props) {
  const { t } = useTranslation("live");
  if (takenAt !== null && !isStale) return null;
  const isOff = camera !== undefined && camera.status !== "active";
  if (!isOff && !problem && takenAt === null)
    return (
      <Notice
        icon={<LoaderCircle aria-hidden className="size-5 animate-spin opacity-75" />}
        title={t("stream.waiting")}
      />
    );

  const Icon = isOff && camera.status === "inactive" ? VideoOff : TriangleAlert;
  const told = isApiError(problem) && problem.code !== "not_found" ? problem.detail : "";
  const title = isOff ? t(offTitle(camera)) : t(problem ? "stream.failed" : "stream.old");
  const reason = isOff ? camera.status_message : told || (problem ? t("stream.nothing") : "");
  return (
    <Notice icon={<Icon aria-hidden className="size-5" />} title={title} reason={reason}>
      {takenAt !== null && (
        <span className="text-2xs opacity-90">
          {t("stream.last", { time: formatTime(takenAt, { seconds: true }) })} (<TimeAgo value={takenAt} />)
        </span>
      )}
      {!camera && Boolean(problem) && (
        <Button variant="secondary" size="sm" onClick={onRetry}>
          {t("common:retry")}
        </Button>
      )}
    </Notice>
  );
}

function offTitle({ status, detection_enabled, status_message }: CameraDetailOut) {
  if (status === "error") return "stream.error";
  if (!detection_enabled) return "stream.off";
  return status_message ? "stream.reconnecting" : "stream.inactive";
}

interface NoticeProps {
  icon: React.ReactNode;
  title: string;
  reason?: string;
  children?: React.ReactNode;
}

function Notice({ icon, title, reason, children }: NoticeProps) {
  return (
    <div role="status" className={cn("absolute inset-0 grid place-content-center justify-items-center gap-1 p-3")}>
      <div className="grid max-w-72 justify-items-center gap-1 rounded-md bg-overlay/75 px-3 py-2 text-center">
        {icon}
        <span className="text-xs font-medium">{title}</span>
        {reason && (
          <bdi className="line-clamp-2 text-2xs break-words opacity-90" title={reason}>
            {reason}
          </bdi>
        )}
        {children}
      </div>
    </div>
  );
}
