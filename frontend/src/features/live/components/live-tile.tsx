import { useRef, useState } from "react";
import { useSortable } from "@dnd-kit/sortable";
import { useQuery } from "@tanstack/react-query";
import { Gauge, GripVertical, Joystick, Maximize, Minimize, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { getCameraStreamUrlOptions } from "@/client/@tanstack/react-query.gen";
import type { CameraOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { LiveStream } from "@/components/live-stream";
import { PtzPad } from "@/components/live/ptz-pad";
import { StatusDot, type Tone } from "@/components/status-dot";
import { Popover, PopoverAnchor, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { formatNumber } from "@/lib/format";
import { cn } from "@/lib/utils";

import { CAN_FILL, useFullscreen } from "../lib/use-fullscreen";

const TONES = { active: "success", inactive: "neutral", error: "danger" } satisfies Record<CameraOut["status"], Tone>;
const LOW = 420; // px: in such a tile the pad would hide the picture, and opens beside it
const SLOWED = 0.9; // of the rate that the settings have; rates are rounded

interface Props {
  camera: CameraOut;
  overlay: boolean;
  onRemove?: () => void;
}

/** One camera of the wall: its picture, its name, and what can be done with the tile. */
export function LiveTile({ camera, overlay, onRemove }: Props) {
  const { t } = useTranslation("live");
  const box = useRef<HTMLDivElement>(null);
  const [isFull, toggleFull] = useFullscreen(box);
  const [isLow, setLow] = useState(false);
  const sortable = useSortable({ id: camera.id, data: { name: camera.name } });
  const { setNodeRef, setActivatorNodeRef, attributes, listeners, transform, transition, isDragging } = sortable;
  const { name } = camera;
  return (
    <li
      ref={setNodeRef}
      style={{ transform: transform ? `translate(${transform.x}px, ${transform.y}px)` : undefined, transition }}
      className={cn("relative min-w-0", isDragging && "z-10 opacity-80")}
    >
      <div
        ref={box}
        className="group relative overflow-hidden rounded-md bg-overlay text-overlay-foreground focus-within:ring-2 focus-within:ring-ring"
      >
        <LiveStream
          cameraId={camera.id}
          overlay={overlay}
          className={cn("rounded-none", isFull && "aspect-auto h-dvh")}
        />
        <Link to={`/cameras/${camera.id}`} aria-label={name} className="absolute inset-0 outline-none" />
        <div className="dark pointer-events-none absolute inset-x-0 bottom-0 flex items-center gap-2 bg-gradient-to-t from-overlay/90 to-overlay/0 px-2 pt-5 pb-1.5 text-xs">
          <StatusDot tone={TONES[camera.status]} label={t(`status.${camera.status}`)} hideLabel />
          <bdi aria-hidden className="min-w-0 truncate font-medium" title={name}>
            {name}
          </bdi>
          <span className="ms-auto shrink-0">
            <Slowed camera={camera} />
          </span>
        </div>
        <div className="absolute end-1 top-1 flex gap-1 opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-100">
          <button
            type="button"
            ref={setActivatorNodeRef}
            {...attributes}
            {...listeners}
            aria-label={t("tile.move", { name })}
            className={cn(BUTTON, "cursor-grab touch-none")}
          >
            <GripVertical aria-hidden className="size-4" />
          </button>
          {camera.is_movable && (
            <Can permission="move_cameras">
              <Popover onOpenChange={() => setLow((box.current?.clientHeight ?? 0) < LOW)}>
                {isLow && <PopoverAnchor virtualRef={box} />}
                <PopoverTrigger aria-label={t("tile.steer", { name })} className={BUTTON}>
                  <Joystick aria-hidden className="size-4" />
                </PopoverTrigger>
                <PopoverContent align="end" className="w-64" aria-label={t("ptz.title", { name })}>
                  <PtzPad cameraId={camera.id} name={name} />
                </PopoverContent>
              </Popover>
            </Can>
          )}
          {CAN_FILL && (
            <button
              type="button"
              aria-label={t("tile.fullscreen", { name })}
              aria-pressed={isFull}
              className={BUTTON}
              onClick={toggleFull}
            >
              {isFull ? <Minimize aria-hidden className="size-4" /> : <Maximize aria-hidden className="size-4" />}
            </button>
          )}
          {onRemove && (
            <button type="button" aria-label={t("tile.remove", { name })} className={BUTTON} onClick={onRemove}>
              <X aria-hidden className="size-4" />
            </button>
          )}
        </div>
      </div>
    </li>
  );
}

const BUTTON =
  "inline-flex size-7 items-center justify-center rounded-sm bg-overlay/75 text-overlay-foreground hover:bg-overlay pointer-coarse:size-9";

/** Says that detection is behind: fewer pictures are analysed than the settings have. */
function Slowed({ camera }: { camera: CameraOut }) {
  const { t } = useTranslation("live");
  const { data } = useQuery({
    ...getCameraStreamUrlOptions({ path: { camera_id: camera.id } }),
    staleTime: Infinity,
  });
  const [now, normal] = [camera.sample_rate_now, data?.sample_rate];
  if (camera.status !== "active" || now === null || !normal || now >= SLOWED * normal) return null;
  const rates = {
    now: formatNumber(now, { maximumFractionDigits: 1 }),
    normal: formatNumber(normal, { maximumFractionDigits: 1 }),
  };
  return (
    <span
      className="inline-flex items-center gap-1 rounded-sm bg-overlay/80 px-1 text-2xs tabular-nums text-[oklch(0.83_0.15_80)]"
      title={t("tile.degraded", rates)}
    >
      <Gauge aria-hidden className="size-3" />
      <span aria-hidden>{t("tile.degradedShort", rates)}</span>
      <span className="sr-only">{t("tile.degraded", rates)}</span>
    </span>
  );
}
