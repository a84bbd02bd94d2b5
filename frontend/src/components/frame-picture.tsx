import { useState, type CSSProperties } from "react";
import { ImageOff } from "lucide-react";
import { useTranslation } from "react-i18next";

import { cn } from "@/lib/utils";

export interface FrameBox {
  id: string;
  /** Top left corner and size, in parts of the picture, 0 to 1. */
  x: number;
  y: number;
  width: number;
  height: number;
  label?: string;
  tone?: keyof typeof TONES;
}

const TONES = {
  neutral: "border-overlay-foreground",
  primary: "border-[oklch(0.76_0.11_215)]",
  success: "border-[oklch(0.78_0.15_155)]",
  warning: "border-[oklch(0.83_0.15_80)]",
  danger: "border-[oklch(0.68_0.2_24)]",
};

interface Props {
  src: string | null;
  alt: string;
  boxes?: FrameBox[];
  onBoxClick?: (box: FrameBox) => void;
  /** Width by height, where it is known before the picture is there. */
  ratio?: number;
  onError?: () => void;
  onLoad?: () => void;
  className?: string;
}

/** Where a box stands, what reaches over the edge cut off. Left is left in every language: pictures are not mirrored. */
export function boxStyle({ x, y, width, height }: Pick<FrameBox, "x" | "y" | "width" | "height">): CSSProperties {
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  const percent = (value: number) => `${+(100 * value).toFixed(3)}%`;
  const [left, top] = [clamp(x), clamp(y)];
  return {
    left: percent(left),
    top: percent(top),
    width: percent(clamp(x + width) - left),
    height: percent(clamp(y + height) - top),
  };
}

/** The largest area of this ratio in the frame around it: what object-fit: contain would draw. */
export function pictureStyle(ratio: number): CSSProperties {
  return { aspectRatio: ratio, width: `min(100cqw, ${+(100 * ratio).toFixed(3)}cqh)` };
}

const WIDESCREEN = 16 / 9;

/**
 * A letterboxed picture whose boxes stay where they belong at any size. The frame takes its size from className
 * (16:9 by default); a new src of a live snapshot replaces the old one once it has come.
 */
export function FramePicture({ src, alt, boxes = [], onBoxClick, ratio, onError, onLoad, className }: Props) {
  const { t } = useTranslation("kit");
  const [natural, setNatural] = useState<number | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const hasFailed = src === null || failed === src;
  const isShown = natural !== null && !hasFailed;

  return (
    <div
      className={cn(
        "[container-type:size] relative aspect-video w-full overflow-hidden rounded-md bg-overlay",
        className,
      )}
    >
      {hasFailed && (
        <div className="absolute inset-0 grid place-content-center justify-items-center gap-1 text-overlay-foreground/75">
          <ImageOff aria-hidden className="size-6" />
          <span className="text-xs">{t("picture.none")}</span>
        </div>
      )}
      {!hasFailed && natural === null && <div aria-hidden className="absolute inset-0 animate-pulse bg-white/8" />}
      <div className="absolute inset-0 m-auto" style={pictureStyle(natural ?? ratio ?? WIDESCREEN)}>
        {src !== null && (
          <img
            src={src}
            alt={alt}
            decoding="async"
            draggable={false}
            className={cn("size-full", !isShown && "invisible")}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
              setNatural(naturalHeight > 0 ? naturalWidth / naturalHeight : WIDESCREEN);
              setFailed(null);
              onLoad?.();
            }}
            onError={() => {
              setFailed(src);
              onError?.();
            }}
          />
        )}
        {isShown && boxes.map((box) => <Box key={box.id} box={box} onClick={onBoxClick} />)}
      </div>
    </div>
  );
}

function Box({ box, onClick }: { box: FrameBox; onClick?: (box: FrameBox) => void }) {
  const { t } = useTranslation("kit");
  const classes = cn("absolute rounded-xs border-2 shadow-[0_0_0_1px_rgb(0_0_0/0.55)]", TONES[box.tone ?? "neutral"]);
  const label = box.label && (
    <span
      dir="auto"
      className="absolute start-[-2px] bottom-full mb-0.5 max-w-48 truncate rounded-xs bg-overlay/80 px-1 text-2xs font-medium text-overlay-foreground"
      title={box.label}
    >
      {box.label}
    </span>
  );
  if (!onClick) {
    return (
      <div className={classes} style={boxStyle(box)}>
        {label}
      </div>
    );
  }
  return (
    <button
      type="button"
      aria-label={box.label ?? t("picture.face")}
      className={cn(classes, "hover:bg-white/12")}
      style={boxStyle(box)}
      onClick={() => onClick(box)}
    >
      {label}
    </button>
  );
}
