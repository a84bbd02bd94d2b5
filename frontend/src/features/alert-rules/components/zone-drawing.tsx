import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { clamped, middles, moved, withCorner, withoutCorner, type Area, type Corner } from "../lib/areas";

interface Props {
  cameraId: string;
  areas: Area[];
  onChange: (areas: Area[]) => void;
}

const STEP = 0.01;
const ARROWS: Record<string, Corner> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** Areas over what the camera shows now: corners are drawn with the pointer or moved by arrow keys. */
export function ZoneDrawing({ cameraId, areas, onChange }: Props) {
  const { t } = useTranslation("rules");
  const [isMissing, setMissing] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const replace = (index: number, area: Area) => onChange(areas.map((one, at) => (at === index ? area : one)));

  function place(event: PointerEvent): Corner | null {
    const box = frame.current?.getBoundingClientRect();
    if (!box?.width) return null;
    return clamped([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  }

  return (
    <div className="grid gap-2">
      {/* Pictures are not mirrored from right to left, and neither are areas on them. */}
      <div ref={frame} dir="ltr" className="relative overflow-hidden rounded-md border bg-muted select-none">
        {isMissing ? (
          <p className="flex aspect-video items-center justify-center p-4 text-center text-muted-foreground">
            {t("part.noPicture")}
          </p>
        ) : (
          <img
            src={`/v1/cameras/${cameraId}/snapshot`}
            alt={t("part.picture")}
            className="block min-h-40 w-full"
            onError={() => setMissing(true)}
          />
        )}
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" className="absolute inset-0 size-full" aria-hidden>
          {areas.map((area, index) => (
            <polygon
              key={index}
              points={area.map((corner) => corner.join(",")).join(" ")}
              className="fill-primary/25 stroke-primary"
              strokeWidth={2}
              vectorEffect="non-scaling-stroke"
            />
          ))}
        </svg>
        {areas.map((area, index) => (
          <Corners key={index} area={area} number={index + 1} place={place} onChange={(next) => replace(index, next)} />
        ))}
      </div>
      <p className="text-xs text-muted-foreground">{t("part.keys")}</p>
      <div className="flex flex-wrap gap-2">
        <Button
          variant="outline"
          size="sm"
          disabled={areas.length >= 8}
          onClick={() =>
            onChange([
              ...areas,
              [
                [0.4, 0.4],
                [0.6, 0.4],
                [0.6, 0.6],
                [0.4, 0.6],
              ],
            ])
          }
        >
          <Plus aria-hidden />
          {t("part.add")}
        </Button>
        {areas.length > 1 &&
          areas.map((_, index) => (
            <Button
              key={index}
              variant="ghost"
              size="sm"
              onClick={() => onChange(areas.filter((_one, at) => at !== index))}
            >
              <Trash2 aria-hidden />
              {t("part.remove", { number: index + 1 })}
            </Button>
          ))}
      </div>
    </div>
  );
}

interface CornersProps {
  area: Area;
  number: number;
  place: (event: PointerEvent) => Corner | null;
  onChange: (area: Area) => void;
}

function Corners({ area, number, place, onChange }: CornersProps) {
  const { t } = useTranslation("rules");

  function press(event: KeyboardEvent, index: number) {
    const by = ARROWS[event.key];
    if (by) onChange(moved(area, index, by, event.shiftKey ? 5 : 1));
    else if ((event.key === "Delete" || event.key === "Backspace") && area.length > 3)
      onChange(withoutCorner(area, index));
    else return;
    event.preventDefault();
  }

  function drag(event: PointerEvent<HTMLButtonElement>, index: number) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const corner = place(event);
    if (corner) onChange(area.map((one, at) => (at === index ? corner : one)));
  }

  return (
    <>
      {area.map(([x, y], index) => (
        <button
          key={index}
          type="button"
          aria-label={t("part.corner", { area: number, number: index + 1 })}
          className="absolute size-6 -translate-1/2 cursor-grab touch-none rounded-full after:absolute after:inset-1.5 after:rounded-full after:border-2 after:border-primary after:bg-card"
          style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={(event) => drag(event, index)}
          onDoubleClick={() => area.length > 3 && onChange(withoutCorner(area, index))}
          onKeyDown={(event) => press(event, index)}
        />
      ))}
      {middles(area).map(([x, y], index) => (
        <button
          key={`middle-${index}`}
          type="button"
          aria-label={t("part.addCorner", { area: number, number: index + 1 })}
          className="absolute size-6 -translate-1/2 rounded-full opacity-70 after:absolute after:inset-2 after:rounded-full after:bg-primary hover:opacity-100"
          style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
          onClick={() => onChange(withCorner(area, index))}
        />
      ))}
    </>
  );
}
