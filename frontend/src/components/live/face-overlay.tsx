import { useTranslation } from "react-i18next";

import type { SightingOut } from "@/client/types.gen";
import { boxStyle } from "@/components/frame-picture";
import { shareOf } from "@/components/live/geometry";
import { formatNumber } from "@/lib/format";
import { cn } from "@/lib/utils";

/** Marks who is in view where their best shot was taken: what is known of them; they may have moved since. */
export function FaceOverlay({ faces }: { faces: SightingOut[] }) {
  return faces.map((face) => <Face key={face.id} face={face} />);
}

function Face({ face }: { face: SightingOut }) {
  const { t } = useTranslation("live");
  const place = shareOf(face);
  if (!place) return null;
  const isKnown = face.subject_id !== null;
  const name = face.subject_name ?? t("common:unknownPerson");
  const numbers = [
    face.similarity === null ? null : t("overlay.similarity", { value: two(face.similarity) }),
    face.quality === null ? null : t("overlay.quality", { value: two(face.quality) }),
  ].filter((one) => one !== null);
  return (
    <div
      title={t("overlay.hint")}
      className={cn(
        "absolute rounded-xs border-2 shadow-[0_0_0_1px_rgb(0_0_0/0.55)]",
        isKnown ? "border-[oklch(0.76_0.11_215)]" : "border-overlay-foreground/80",
      )}
      style={boxStyle(place)}
    >
      <span
        className={cn(
          "absolute start-[-2px] grid w-max max-w-44 rounded-xs bg-overlay/80 px-1 text-2xs text-overlay-foreground",
          place.y < 0.2 ? "top-full mt-0.5" : "bottom-full mb-0.5",
        )}
      >
        <bdi className="truncate font-medium">{name}</bdi>
        {numbers.length > 0 && <span className="truncate tabular-nums opacity-85">{numbers.join(" · ")}</span>}
      </span>
    </div>
  );
}

const two = (value: number) => formatNumber(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
