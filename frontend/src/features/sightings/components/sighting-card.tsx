import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { SightingOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { QualityBadge } from "@/components/quality-badge";
import { SimilarityBadge } from "@/components/similarity-badge";
import { StatusDot } from "@/components/status-dot";
import { Timestamp } from "@/components/timestamp";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/lib/utils";

import { VerdictBadge } from "./verdict-badge";

interface Props {
  sighting: SightingOut;
  /** A row with everything, or a tile with the picture large. */
  view: "list" | "grid";
  /** Where it opens. */
  to: string;
  isChosen?: boolean;
  isSelected?: boolean;
  /** Undefined: nothing can be done with several. */
  onSelect?: (id: string, isSelected: boolean) => void;
  onStale?: (id: string) => void;
}

/** Somebody seen once: who, where, when, how sure. */
export const SightingCard = memo(function SightingCard(props: Props) {
  return props.view === "grid" ? <Tile {...props} /> : <Row {...props} />;
});

const FOCUS =
  "outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring";

function Name({
  sighting,
  to,
  isChosen,
  className,
}: Pick<Props, "sighting" | "to" | "isChosen"> & { className?: string }) {
  const { t } = useTranslation("sightings");
  const name = sighting.subject_name ?? t("common:unknownPerson");
  return (
    <Link
      to={to}
      replace={isChosen}
      preventScrollReset
      data-sighting={sighting.id}
      aria-current={isChosen || undefined}
      title={name}
      className={cn("truncate", FOCUS, sighting.subject_id ? "font-medium" : "text-muted-foreground", className)}
    >
      <bdi>{name}</bdi>
    </Link>
  );
}

function Select({ sighting, isSelected, onSelect, className }: Props & { className?: string }) {
  const { t } = useTranslation("sightings");
  const name = sighting.subject_name ?? t("common:unknownPerson");
  if (!onSelect) return null;
  return (
    <Checkbox
      checked={isSelected ?? false}
      onCheckedChange={(checked) => onSelect(sighting.id, checked === true)}
      aria-label={t("card.select", { name, camera: sighting.camera_name })}
      className={cn("z-1", className)}
    />
  );
}

function InView() {
  const { t } = useTranslation("sightings");
  return <StatusDot tone="success" label={t("card.inView")} className="text-xs" />;
}

function Row(props: Props) {
  const { sighting, isChosen, isSelected, onStale } = props;
  return (
    <div
      className={cn(
        "relative flex h-16 items-center gap-3 overflow-hidden border-b px-4 hover:bg-accent/60",
        isSelected && "bg-primary/8",
        isChosen && "bg-accent hover:bg-accent",
      )}
    >
      <Select {...props} />
      <FaceThumb src={sighting.image_url ?? null} alt="" onRetry={() => onStale?.(sighting.id)} />
      <div className="grid min-w-0 flex-1 gap-0.5">
        <Name {...props} className="min-w-0" />
        <span className="truncate text-xs text-muted-foreground" title={sighting.camera_name}>
          <bdi>{sighting.camera_name}</bdi>
        </span>
      </div>
      <div className="hidden shrink-0 items-center gap-2 @2xl:flex">
        {sighting.closed_at === null && <InView />}
        <VerdictBadge verdict={sighting.verdict} />
        {sighting.similarity !== null && (
          <SimilarityBadge similarity={sighting.similarity} falseMatchRate={sighting.false_match_rate} />
        )}
        <QualityBadge quality={sighting.quality} />
      </div>
      <div className="grid max-w-44 shrink-0 justify-items-end gap-0.5 text-end text-xs text-muted-foreground">
        <Timestamp value={sighting.detected_at} timeZone={sighting.camera_time_zone} seconds />
        <span className="@2xl:hidden">
          {sighting.verdict ? (
            <VerdictBadge verdict={sighting.verdict} />
          ) : (
            sighting.similarity !== null && <SimilarityBadge similarity={sighting.similarity} />
          )}
        </span>
      </div>
    </div>
  );
}

function Tile(props: Props) {
  const { sighting, isChosen, isSelected, onStale } = props;
  return (
    <div
      className={cn(
        "relative grid gap-2 overflow-hidden rounded-lg border bg-card p-2 hover:border-ring/60",
        isSelected && "border-primary bg-primary/8",
        isChosen && "border-ring ring-1 ring-ring",
      )}
    >
      <div className="relative">
        <FaceThumb
          src={sighting.image_url ?? null}
          alt=""
          quality={sighting.quality}
          onRetry={() => onStale?.(sighting.id)}
          className="aspect-square size-full"
        />
        <Select {...props} className="absolute start-1.5 top-1.5 bg-card" />
      </div>
      <div className="grid min-w-0 gap-0.5 px-0.5">
        <Name {...props} />
        <span className="truncate text-xs text-muted-foreground" title={sighting.camera_name}>
          <bdi>{sighting.camera_name}</bdi>
        </span>
        <Timestamp
          value={sighting.detected_at}
          timeZone={sighting.camera_time_zone}
          className="truncate text-xs text-muted-foreground"
        />
        <div className="flex h-5 items-center gap-1.5 overflow-hidden">
          {sighting.similarity !== null && <SimilarityBadge similarity={sighting.similarity} />}
          {sighting.verdict ? <VerdictBadge verdict={sighting.verdict} /> : sighting.closed_at === null && <InView />}
        </div>
      </div>
    </div>
  );
}
