import { useEffect, useRef, useState, type RefObject } from "react";

import { getCameraSnapshot } from "@/client/sdk.gen";
import { serverNow } from "@/lib/clock";
import { isApiError } from "@/lib/errors";
import { onReached } from "@/lib/reach";
import { joinPace, paceMs, pauseMs } from "@/lib/snapshot-pace";

export interface Snapshots {
  /** Width by height of the picture that is shown; null before the first. */
  ratio: number | null;
  /** When the last one came, milliseconds by the server's clock. */
  takenAt: number | null;
  /** None came for a while: what is shown is old. */
  isOld: boolean;
  /** Why the last attempt failed; null after one that did not. */
  error: unknown;
}

interface Options {
  cameraId: string;
  refreshSeconds: number;
  canvas: RefObject<HTMLCanvasElement | null>;
  enabled: boolean;
}

const NOTHING: Snapshots = { ratio: null, takenAt: null, isOld: false, error: null };
/** Paces without a new picture after which the one that is shown counts as old. */
const OLD_AFTER = 4;

/** Draws what a camera sees, picture after picture, as long as it is enabled. The last one stays. Pictures are decoded
 * off the main thread, at no more than the size they are shown at. */
export function useSnapshots({ cameraId, refreshSeconds, canvas, enabled }: Options): Snapshots {
  const [state, setState] = useState<Snapshots>(NOTHING);
  const natural = useRef<number | null>(null);

  useEffect(() => {
    setState(NOTHING);
    natural.current = null;
  }, [cameraId]);

  useEffect(() => {
    if (!enabled) return;
    const stop = new AbortController();
    const leave = joinPace();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let oldTimer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;

    const becomesOld = () => {
      clearTimeout(oldTimer);
      oldTimer = setTimeout(
        () => setState((was) => (was.takenAt ? { ...was, isOld: true } : was)),
        OLD_AFTER * paceMs(refreshSeconds),
      );
    };
    const next = async () => {
      timer = undefined;
      const began = performance.now();
      let pause: number;
      try {
        const ratio = await draw(cameraId, canvas.current, natural, stop.signal);
        failures = 0;
        setState({ ratio, takenAt: serverNow(), isOld: false, error: null });
        becomesOld();
        pause = Math.max(0, paceMs(refreshSeconds) - (performance.now() - began));
      } catch (error) {
        if (stop.signal.aborted) return;
        failures += 1;
        setState((was) => ({ ...was, error }));
        pause = pauseMs(failures, paceMs(refreshSeconds), isApiError(error) ? error.retryAfter : null);
      }
      if (!stop.signal.aborted) timer = setTimeout(next, pause);
    };
    becomesOld();
    void next();
    const stopListening = onReached(() => {
      failures = 0;
      if (timer === undefined) return;
      clearTimeout(timer);
      void next();
    });
    return () => {
      stopListening();
      stop.abort();
      leave();
      clearTimeout(timer);
      clearTimeout(oldTimer);
    };
  }, [cameraId, refreshSeconds, canvas, enabled]);

  return state;
}

async function draw(
  cameraId: string,
  canvas: HTMLCanvasElement | null,
  natural: RefObject<number | null>,
  signal: AbortSignal,
): Promise<number | null> {
  const { data } = await getCameraSnapshot({ path: { camera_id: cameraId }, parseAs: "blob", signal });
  if (!(data instanceof Blob) || !canvas) return null;
  const shown = Math.ceil(canvas.clientWidth * devicePixelRatio);
  const width = natural.current !== null && shown > 0 && shown < natural.current ? shown : undefined;
  const bitmap = await createImageBitmap(data, width ? { resizeWidth: width, resizeQuality: "medium" } : {});
  if (signal.aborted) {
    bitmap.close();
    signal.throwIfAborted();
  }
  natural.current ??= bitmap.width;
  const ratio = bitmap.width / bitmap.height;
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  return ratio;
}
