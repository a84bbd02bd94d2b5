import { useId, useRef, useState, type KeyboardEvent } from "react";
import {
  ArrowDown,
  ArrowDownLeft,
  ArrowDownRight,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ArrowUpLeft,
  ArrowUpRight,
  House,
  Minus,
  Plus,
  type LucideIcon,
} from "lucide-react";
import { useTranslation } from "react-i18next";

import type { ControlOut } from "@/client/types.gen";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { Label } from "@/components/ui/label";
import { Skeleton } from "@/components/ui/skeleton";
import { Slider } from "@/components/ui/slider";
import { useCameraControl } from "@/hooks/use-camera-control";
import { formatNumber } from "@/lib/format";
import type { Motion } from "@/lib/held-motion";

type Direction = readonly [pan: number, tilt: number, zoom: number];
interface Way {
  key: string;
  icon: LucideIcon;
  to: Direction;
}

const NUDGE_MS = 400; // of a press that does not say how long it lasts, as screen readers make it
const SLOWEST = 0.1;
const WAYS: (Way | null)[] = [
  { key: "upLeft", icon: ArrowUpLeft, to: [-1, 1, 0] },
  { key: "up", icon: ArrowUp, to: [0, 1, 0] },
  { key: "upRight", icon: ArrowUpRight, to: [1, 1, 0] },
  { key: "left", icon: ArrowLeft, to: [-1, 0, 0] },
  null,
  { key: "right", icon: ArrowRight, to: [1, 0, 0] },
  { key: "downLeft", icon: ArrowDownLeft, to: [-1, -1, 0] },
  { key: "down", icon: ArrowDown, to: [0, -1, 0] },
  { key: "downRight", icon: ArrowDownRight, to: [1, -1, 0] },
];
const ZOOMS: Way[] = [
  { key: "nearer", icon: Plus, to: [0, 0, 1] },
  { key: "farther", icon: Minus, to: [0, 0, -1] },
];
const KEYS: Record<string, Direction> = {
  ArrowUp: [0, 1, 0],
  ArrowDown: [0, -1, 0],
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  "+": [0, 0, 1],
  "-": [0, 0, -1],
};

/** Moves a camera: by what is held down, with the mouse, a finger or the keyboard; and to views that it keeps. */
export function PtzPad({ cameraId, name }: { cameraId: string; name: string }) {
  const { t } = useTranslation("live");
  const control = useCameraControl(cameraId);
  const { abilities } = control;
  if (abilities.data) return <Pad name={name} can={abilities.data} control={control} />;
  if (abilities.isPending)
    return (
      <div role="status" aria-label={t("ptz.asking")} className="grid gap-2">
        <Skeleton className="h-28 w-full" />
        <Skeleton className="h-8 w-full" />
      </div>
    );
  return <ErrorState className="px-0 py-2" error={abilities.error} onRetry={() => void abilities.refetch()} />;
}

interface Props {
  name: string;
  can: ControlOut;
  control: ReturnType<typeof useCameraControl>;
}

function Pad({ name, can, control: { motion, hold, release, go } }: Props) {
  const { t } = useTranslation("live");
  const [speed, setSpeed] = useState(0.5);
  const pressed = useRef<string | null>(null); // the key that holds
  const nudge = useRef<ReturnType<typeof setTimeout>>(undefined);
  const ids = { speed: useId(), hint: useId() };
  const along = ([pan, tilt, zoom]: Direction): Motion => ({
    pan: pan * speed,
    tilt: tilt * speed,
    zoom: zoom * speed,
  });
  const isHeld = ([pan, tilt, zoom]: Direction) =>
    motion !== null &&
    Math.sign(motion.pan) === pan &&
    Math.sign(motion.tilt) === tilt &&
    Math.sign(motion.zoom) === zoom;

  function begin(to: Direction) {
    clearTimeout(nudge.current);
    hold(along(to));
  }
  function end() {
    clearTimeout(nudge.current);
    pressed.current = null;
    if (motion !== null) release();
  }
  function keyDown(event: KeyboardEvent, own: Direction) {
    // What is let go of while one of these is down is not always told.
    if (["Control", "Alt", "Meta"].includes(event.key) && pressed.current !== null) end();
    const isPress = event.key === "Enter" || event.key === " ";
    const to = isPress ? own : KEYS[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey || !(to[2] === 0 ? can.pan_tilt : can.zoom)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat || pressed.current === event.code) return;
    pressed.current = event.code; // of the key itself: + becomes = when Shift is let go of first
    begin(to);
  }
  function keyUp(event: KeyboardEvent) {
    if (event.key === " ") event.preventDefault(); // else it counts as a click
    if (event.code === pressed.current) end();
  }

  const button = ({ key, icon: Icon, to }: Way) => (
    <Button
      key={key}
      variant="outline"
      size="icon"
      aria-label={t(`ptz.${key}`)}
      data-held={isHeld(to) || undefined}
      className="touch-none data-held:bg-accent"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pressed.current = null;
        begin(to);
      }}
      onPointerUp={end}
      onLostPointerCapture={end}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => keyDown(event, to)}
      onKeyUp={keyUp}
      onBlur={() => pressed.current !== null && end()} // of a key; a pointer moves the focus itself
      onClick={(event) => {
        if (event.detail !== 0) return; // a pointer, which has held it already
        begin(to);
        nudge.current = setTimeout(release, NUDGE_MS);
      }}
    >
      <Icon aria-hidden />
    </Button>
  );

  return (
    <div role="group" aria-label={t("ptz.title", { name })} aria-describedby={ids.hint} className="grid gap-3">
      <div dir="ltr" className="flex justify-center gap-4">
        {can.pan_tilt && (
          <div className="grid grid-cols-3 gap-1">
            {WAYS.map((way) => way && button(way)).map(
              (one) =>
                one ?? (
                  <Button
                    key="home"
                    variant="outline"
                    size="icon"
                    aria-label={t("ptz.home")}
                    className={can.home ? undefined : "invisible"}
                    disabled={!can.home}
                    loading={go.isPending && go.variables === null}
                    onClick={() => go.mutate(null)}
                  >
                    <House aria-hidden />
                  </Button>
                ),
            )}
          </div>
        )}
        {can.zoom && <div className="grid content-center gap-1">{ZOOMS.map(button)}</div>}
      </div>
      <div className="grid gap-1">
        <Label id={ids.speed}>{t("ptz.speed")}</Label>
        <Slider
          aria-labelledby={ids.speed}
          min={SLOWEST}
          max={1}
          step={0.1}
          value={[speed]}
          valueText={(value) => formatNumber(value, { style: "percent" })}
          onValueChange={([value]) => setSpeed(value ?? speed)}
        />
      </div>
      {can.presets.length > 0 && (
        <ul aria-label={t("ptz.presets")} className="flex max-h-32 flex-wrap gap-1 overflow-y-auto">
          {can.presets.map(({ token, name: view }) => (
            <li key={token} className="max-w-full">
              <Button
                variant="secondary"
                size="sm"
                className="max-w-full"
                loading={go.isPending && go.variables === token}
                onClick={() => go.mutate(token)}
              >
                <bdi className="truncate">{view}</bdi>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <p id={ids.hint} className="text-xs text-muted-foreground">
        {t("ptz.hint")}
      </p>
    </div>
  );
}
