import { useEffect, useEffectEvent, useReducer, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { Plus, RefreshCw, Square, Trash2, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { isPressed } from "@/lib/keys";
import { cn } from "@/lib/utils";

import { draw, drawingOf, type Corner, type Polygon } from "./polygons";

const STEP = 0.01; // of the picture per press of an arrow key
const BIG_STEP = 0.05;
const ARROWS: Record<string, Corner> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface Props {
  /** A picture of the camera; the areas are drawn on it. */
  src: string | null;
  /** There is none. */
  isMissing?: boolean;
  /** Takes another picture. */
  onRenew?: () => void;
  /** What the areas are: "privacy masks". */
  label: string;
  areas: readonly Polygon[];
  onChange: (areas: readonly Polygon[]) => void;
  /** Masks are black, as they will be; regions are outlined. */
  tone: "mask" | "region";
}

/** Areas on a picture, by mouse, finger or keys: click corners, Enter or the first corner closes; arrows move. */
export function PolygonEditor({ src, isMissing = false, onRenew, label, areas, onChange, tone }: Props) {
  const { t } = useTranslation("kit");
  const [state, act] = useReducer(draw, areas, drawingOf);
  const [ratio, setRatio] = useState(16 / 9);
  const [isBroken, setBroken] = useState(false);
  const surface = useRef<SVGSVGElement>(null);
  const dragged = useRef<{ area: number; corner: number; isFirst: boolean } | null>(null);

  const tell = useEffectEvent(onChange);
  const told = useRef(areas);
  useEffect(() => {
    if (state.areas === told.current) return;
    told.current = state.areas;
    tell(state.areas);
  }, [state.areas]);

  function place(event: PointerEvent): Corner {
    const box = surface.current?.getBoundingClientRect();
    if (!box?.width) return [0, 0];
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  function press(event: PointerEvent) {
    if (state.open) act({ type: "point", at: place(event) });
  }

  function drag(event: PointerEvent) {
    const held = dragged.current;
    if (!held) return;
    act({ type: "move", area: held.area, corner: held.corner, to: place(event), isFirst: held.isFirst });
    held.isFirst = false;
  }

  function keys(event: KeyboardEvent) {
    const arrow = ARROWS[event.key];
    const size = event.shiftKey ? BIG_STEP : STEP;
    if (arrow) act({ type: "nudge", by: [arrow[0] * size, arrow[1] * size] });
    else if (event.key === "Enter" && state.open) act({ type: "close" });
    else if (event.key === "Escape" && state.open) act({ type: "cancel" });
    else if (event.key === "Delete" || event.key === "Backspace") act({ type: "removeCorner" });
    else if (isPressed("mod+z", event)) act({ type: "undo" });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of the corners inside bubble to it
    <div className="grid grid-cols-1 gap-2" role="group" aria-label={label} onKeyDown={keys}>
      <div className="flex flex-wrap gap-2">
        {state.open ? (
          <>
            <Button size="sm" onClick={() => act({ type: "close" })} disabled={state.open.length < 3}>
              {t("polygon.close")}
            </Button>
            <Button size="sm" variant="outline" onClick={() => act({ type: "cancel" })}>
              {t("polygon.cancel")}
            </Button>
          </>
        ) : (
          <>
            <Button size="sm" variant="outline" onClick={() => act({ type: "begin" })}>
              <Plus aria-hidden />
              {t("polygon.add")}
            </Button>
            <Button size="sm" variant="outline" onClick={() => act({ type: "insert" })}>
              <Square aria-hidden />
              {t("polygon.insert")}
            </Button>
          </>
        )}
        <Button size="sm" variant="ghost" onClick={() => act({ type: "undo" })} disabled={state.past.length === 0}>
          <Undo2 aria-hidden className="rtl:-scale-x-100" />
          {t("polygon.undo")}
        </Button>
        {onRenew && (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => {
              setBroken(false);
              onRenew();
            }}
          >
            <RefreshCw aria-hidden />
            {t("polygon.renew")}
          </Button>
        )}
        {state.selected && !state.open && (
          <>
            <Button size="sm" variant="ghost" onClick={() => act({ type: "addCorner" })}>
              {t("polygon.addCorner")}
            </Button>
            <Button
              size="sm"
              variant="ghost"
              disabled={state.selected.corner === null}
              onClick={() => act({ type: "removeCorner" })}
            >
              {t("polygon.removeCorner")}
            </Button>
          </>
        )}
      </div>
      <p className="text-xs text-muted-foreground">{state.open ? t("polygon.drawing") : t("polygon.hint")}</p>
      {/* Pictures are not mirrored where writing runs from right to left. */}
      <div dir="ltr" className="relative touch-none overflow-hidden rounded-md bg-muted" style={{ aspectRatio: ratio }}>
        {(isMissing || isBroken) && (
          <p className="absolute inset-x-0 top-3 text-center text-muted-foreground">{t("polygon.noPicture")}</p>
        )}
        {src && !isBroken && (
          <img
            src={src}
            alt=""
            draggable={false}
            className="absolute inset-0 size-full"
            onError={() => setBroken(true)}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              naturalHeight && setRatio(naturalWidth / naturalHeight)
            }
          />
        )}
        <svg
          ref={surface}
          viewBox="0 0 1 1"
          preserveAspectRatio="none"
          className={cn("absolute inset-0 size-full", state.open && "cursor-crosshair")}
          onPointerDown={press}
          onPointerMove={drag}
          onPointerUp={() => (dragged.current = null)}
          onPointerCancel={() => (dragged.current = null)}
        >
          {[...state.areas, ...(state.open ? [state.open] : [])].map((polygon, area) => (
            <polygon
              key={area}
              points={polygon.map((corner) => corner.join(",")).join(" ")}
              vectorEffect="non-scaling-stroke"
              strokeWidth={2}
              className={cn(
                tone === "mask"
                  ? "fill-black/80 stroke-[oklch(0.83_0.15_80)]"
                  : "fill-[oklch(0.76_0.11_215)]/20 stroke-[oklch(0.76_0.11_215)]",
              )}
            />
          ))}
        </svg>
        {state.areas.map((polygon, area) =>
          polygon.map(([x, y], corner) => (
            <button
              key={`${area}-${corner}`}
              type="button"
              aria-label={t("polygon.corner", { area: area + 1, corner: corner + 1 })}
              className="absolute size-6 -translate-x-1/2 -translate-y-1/2 rounded-full before:absolute before:inset-1.5 before:rounded-full before:border before:border-black before:bg-white data-chosen:before:inset-0.5 data-chosen:before:bg-[oklch(0.83_0.15_80)]"
              data-chosen={(state.selected?.area === area && state.selected.corner === corner) || undefined}
              style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
              onFocus={() => act({ type: "select", area, corner })}
              onPointerDown={(event) => {
                if (state.open) return;
                event.preventDefault();
                event.currentTarget.focus();
                dragged.current = { area, corner, isFirst: true };
              }}
              onPointerMove={drag}
              onPointerUp={() => (dragged.current = null)}
            />
          )),
        )}
      </div>
      {state.areas.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {state.areas.map((_, area) => (
            <li key={area} className="flex items-center gap-1 rounded-md border ps-2">
              <button type="button" className="text-xs" onFocus={() => act({ type: "select", area, corner: null })}>
                {t("polygon.area", { area: area + 1 })}
              </button>
              <Button
                size="icon-sm"
                variant="ghost"
                aria-label={t("polygon.remove", { area: area + 1 })}
                onClick={() => act({ type: "removeArea", area })}
              >
                <Trash2 aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
