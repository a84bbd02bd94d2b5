import { useRef, useState } from "react";
import { UserRound } from "lucide-react";

import { formatNumber } from "@/lib/format";
import { cn } from "@/lib/utils";

const SIZES = { sm: "size-8", md: "size-12", lg: "size-20", xl: "size-32" };

/** Signed links live for five minutes: within that time a second failure has another cause. */
const RETRY_EVERY = 5 * 60_000; // ms

interface Props {
  src: string | null;
  /** A known name, or "unknown person"; never what the face looks like. */
  alt: string;
  size?: keyof typeof SIZES;
  /** Capture quality, 0 to 1, written in the corner. */
  quality?: number | null;
  /** Reads the record again for a fresh link; called by itself when the picture fails, at most every five minutes. */
  onRetry?: () => void;
  className?: string;
}

export function FaceThumb({ src, alt, size = "md", quality, onRetry, className }: Props) {
  const retriedAt = useRef(0);

  function fail() {
    if (!onRetry || Date.now() - retriedAt.current < RETRY_EVERY) return;
    retriedAt.current = Date.now();
    onRetry();
  }

  return (
    <span className={cn("relative block shrink-0 overflow-hidden rounded-md bg-muted", SIZES[size], className)}>
      {src ? <Picture key={src} src={src} alt={alt} onFail={fail} /> : <NoPicture alt={alt} />}
      {typeof quality === "number" && (
        <span className="absolute end-0 bottom-0 rounded-ss-sm bg-overlay/75 px-1 text-2xs text-overlay-foreground tabular-nums">
          {formatNumber(quality, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}
        </span>
      )}
    </span>
  );
}

function Picture({ src, alt, onFail }: { src: string; alt: string; onFail: () => void }) {
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  if (state === "failed") return <NoPicture alt={alt} />;
  return (
    <>
      {state === "loading" && <span aria-hidden className="absolute inset-0 animate-pulse bg-muted-foreground/15" />}
      <img
        src={src}
        alt={alt}
        loading="lazy"
        decoding="async"
        draggable={false}
        className={cn("size-full object-cover transition-opacity", state === "loading" && "opacity-0")}
        onLoad={() => setState("shown")}
        onError={() => {
          setState("failed");
          onFail();
        }}
      />
    </>
  );
}

function NoPicture({ alt }: { alt: string }) {
  return (
    <span role="img" aria-label={alt} className="flex size-full items-center justify-center text-muted-foreground">
      <UserRound aria-hidden className="size-1/2 opacity-70" />
    </span>
  );
}
