import { useRef } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { getCameraOptions, getCameraStreamUrlOptions } from "@/client/@tanstack/react-query.gen";
import { FaceOverlay } from "@/components/live/face-overlay";
import { fitStyle } from "@/components/live/geometry";
import { StreamNotice } from "@/components/live/stream-notice";
import { useInView } from "@/hooks/use-in-view";
import { useOpenFaces } from "@/hooks/use-open-faces";
import { useSnapshots } from "@/hooks/use-snapshots";
import { cn } from "@/lib/utils";

interface Props {
  cameraId: string;
  /** Marks who is in view. */
  overlay?: boolean;
  fit?: "contain" | "cover";
  /** Sizes the frame; 16:9 at full width by default. */
  className?: string;
}

/** What a camera sees: pictures one after another while it is in sight, the last one kept with its age. */
export function LiveStream({ cameraId, overlay = false, fit = "contain", className }: Props) {
  const { t } = useTranslation("live");
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const isSeen = useInView(frame);
  const path = { camera_id: cameraId };
  const camera = useQuery({ ...getCameraOptions({ path }), enabled: isSeen });
  const stream = useQuery({ ...getCameraStreamUrlOptions({ path }), enabled: isSeen, staleTime: Infinity });

  const isOn = camera.data?.status === "active";
  const { ratio, takenAt, isOld, error } = useSnapshots({
    cameraId,
    canvas,
    refreshSeconds: stream.data?.refresh_seconds ?? 1,
    enabled: isSeen && isOn && stream.data !== undefined,
  });
  const faces = useOpenFaces(cameraId, overlay && isSeen && isOn);
  const isStale = takenAt !== null && (isOld || !isOn);
  const name = camera.data?.name ?? "";

  return (
    <div
      ref={frame}
      data-live={takenAt === null ? "waiting" : isStale ? "old" : "live"}
      className={cn(
        "[container-type:size] relative aspect-video w-full overflow-hidden rounded-md bg-overlay text-overlay-foreground",
        className,
      )}
    >
      <div className="absolute start-1/2 top-1/2 -translate-1/2 rtl:translate-x-1/2" style={fitStyle(ratio, fit)}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={t("stream.picture", { name })}
          className={cn("block size-full", takenAt === null && "invisible", isStale && "opacity-50 grayscale")}
        />
        {overlay && takenAt !== null && !isStale && <FaceOverlay faces={faces} />}
      </div>
      <StreamNotice
        camera={camera.data}
        problem={camera.error ?? stream.error ?? error}
        takenAt={takenAt}
        isStale={isStale}
        onRetry={() => {
          if (camera.isError) void camera.refetch();
          if (stream.isError) void stream.refetch();
        }}
      />
    </div>
  );
}
