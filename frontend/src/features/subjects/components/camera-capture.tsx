import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";

import { cameraProblem, type CameraProblem } from "../lib/camera-problem";

interface Props {
  onPicture: (file: File) => void;
  onClose: () => void;
}

/** Pictures by this computer's own camera; it is let go as soon as this is closed. */
export function CameraCapture({ onPicture, onClose }: Props) {
  const { t } = useTranslation("subjects");
  const video = useRef<HTMLVideoElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"asking" | "on" | CameraProblem>("asking");

  useEffect(() => {
    let stream: MediaStream | null = null;
    let isGone = false;
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    async function start() {
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          video: { width: { ideal: 1280 }, height: { ideal: 720 } },
        });
        if (isGone) return stop();
        if (video.current) video.current.srcObject = stream;
        setState("on");
        place.current?.scrollIntoView({ block: "nearest" });
      } catch (error) {
        if (!isGone) setState(cameraProblem(error, "mediaDevices" in navigator && isSecureContext));
      }
    }
    void start();
    return () => {
      isGone = true;
      stop();
    };
  }, []);

  function take() {
    const shown = video.current;
    if (!shown?.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = shown.videoWidth;
    canvas.height = shown.videoHeight;
    canvas.getContext("2d")?.drawImage(shown, 0, 0);
    canvas.toBlob(
      (blob) => blob && onPicture(new File([blob], "camera.jpg", { type: "image/jpeg" })),
      "image/jpeg",
      0.95,
    );
  }

  const isProblem = state !== "asking" && state !== "on";
  return (
    <div ref={place} className="grid max-w-xl grid-cols-1 gap-2 rounded-lg border p-2">
      {isProblem ? (
        <Alert variant="destructive" role="alert">
          <AlertDescription>{t(`capture.${state}`)}</AlertDescription>
        </Alert>
      ) : (
        <video
          ref={video}
          autoPlay
          muted
          playsInline
          aria-label={t("capture.video")}
          className="aspect-video w-full -scale-x-100 rounded-md bg-overlay object-contain"
        />
      )}
      <div className="flex flex-wrap items-center gap-2">
        {!isProblem && (
          <Button onClick={take} disabled={state !== "on"}>
            {t("capture.take")}
          </Button>
        )}
        <Button variant="outline" onClick={onClose}>
          {t("capture.close")}
        </Button>
        {state === "asking" && (
          <span role="status" className="text-xs text-muted-foreground">
            {t("capture.asking")}
          </span>
        )}
      </div>
    </div>
  );
}
