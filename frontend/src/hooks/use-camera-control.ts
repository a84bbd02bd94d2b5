import { useEffect, useMemo, useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";

import { getCameraControlOptions } from "@/client/@tanstack/react-query.gen";
import { moveCamera, showCameraHome, showCameraPreset, stopCamera } from "@/client/sdk.gen";
import { HeldMotion, type Motion } from "@/lib/held-motion";
import { toastError } from "@/lib/toast";

const FRESH_MS = 300_000;

/** What a camera can do, and moving it: it stops when it is released, and when the page is left. */
export function useCameraControl(cameraId: string) {
  const path = { camera_id: cameraId };
  const abilities = useQuery({ ...getCameraControlOptions({ path }), staleTime: FRESH_MS, retry: false });
  const [motion, setMotion] = useState<Motion | null>(null);
  const held = useMemo(() => {
    const camera = { camera_id: cameraId };
    return new HeldMotion({
      move: (wanted, seconds) => moveCamera({ path: camera, body: { ...wanted, seconds } }),
      stop: () => stopCamera({ path: camera }),
      onError: (error) => {
        setMotion(null);
        toastError(error);
      },
    });
  }, [cameraId]);
  const go = useMutation({
    mutationFn: (token: string | null) =>
      token === null ? showCameraHome({ path }) : showCameraPreset({ path, body: { token } }),
    onError: toastError,
  });

  function hold(wanted: Motion) {
    setMotion(wanted);
    held.hold(wanted);
  }
  function release() {
    setMotion(null);
    held.release();
  }
  const isHeld = motion !== null;
  useEffect(() => {
    if (!isHeld) return;
    const end = () => setMotion(null); // and released below
    window.addEventListener("blur", end);
    return () => {
      window.removeEventListener("blur", end);
      held.release();
    };
  }, [isHeld, held]);
  return { abilities, motion, hold, release, go };
}
