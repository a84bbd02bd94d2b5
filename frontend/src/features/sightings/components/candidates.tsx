import { useState, type ReactNode } from "react";
import { ArrowLeftRight } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { CandidateOut, SightingDetailOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { QualityBadge } from "@/components/quality-badge";
import { SimilarityBadge } from "@/components/similarity-badge";
import { formatNumber } from "@/lib/format";
import { cn } from "@/lib/utils";

import { Section } from "./section";

interface Props {
  sighting: SightingDetailOut;
  onStale: () => void;
  /** What is done about it, below the pictures. */
  children: ReactNode;
}

const LARGE = "aspect-square h-auto w-full max-w-64";

/** The face that was seen beside that of whom it may be: the first one, or another that is chosen from the ranks. */
export function Candidates({ sighting, onStale, children }: Props) {
  const { t } = useTranslation("sightings");
  const [chosen, setChosen] = useState<string | null>(null);
  const { candidates } = sighting;
  const shown =
    candidates.find(({ subject_id }) => subject_id === (chosen ?? sighting.subject_id)) ?? candidates[0] ?? null;
  return (
    <div className="grid grid-cols-1 gap-4">
      <div className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-start gap-3">
        <Side title={t("compare.seen")} end={<QualityBadge quality={sighting.quality} />}>
          <FaceThumb src={sighting.image_url ?? null} alt={t("compare.seenAlt")} onRetry={onStale} className={LARGE} />
          {!sighting.has_image && <p className="text-xs text-muted-foreground">{t("compare.gone")}</p>}
        </Side>
        <ArrowLeftRight aria-hidden className="mt-20 size-4 text-muted-foreground" />
        {shown ? <OnFile candidate={shown} onStale={onStale} /> : <Nobody />}
      </div>
      {children}
      {candidates.length > 0 && (
        <Section title={t("candidates.title")}>
          <ol className="grid gap-0.5">
            {candidates.map((one, index) => (
              <li key={one.subject_id}>
                <Rank
                  candidate={one}
                  place={index + 1}
                  isShown={one === shown}
                  onChoose={() => setChosen(one.subject_id)}
                  onStale={onStale}
                />
              </li>
            ))}
          </ol>
        </Section>
      )}
    </div>
  );
}

function Side({ title, end, children }: { title: ReactNode; end?: ReactNode; children: ReactNode }) {
  return (
    <figure className="grid min-w-0 justify-items-center gap-2">
      <figcaption className="flex max-w-full flex-wrap items-center justify-center gap-x-2 text-xs font-medium text-muted-foreground">
        <span className="truncate">{title}</span>
        {end}
      </figcaption>
      {children}
    </figure>
  );
}

function OnFile({ candidate, onStale }: { candidate: CandidateOut; onStale: () => void }) {
  const { t } = useTranslation("sightings");
  const name = candidate.subject_name ?? t("candidates.hidden");
  return (
    <Side title={t("compare.onFile")} end={<SimilarityBadge similarity={candidate.similarity} />}>
      <FaceThumb src={candidate.picture_url ?? null} alt={name} onRetry={onStale} className={LARGE} />
      <span className="max-w-full truncate text-xs" title={name}>
        <bdi>{name}</bdi>
      </span>
    </Side>
  );
}

function Nobody() {
  const { t } = useTranslation("sightings");
  return (
    <Side title={t("compare.onFile")}>
      <p className="grid aspect-square w-full max-w-64 place-items-center rounded-md border border-dashed p-3 text-center text-muted-foreground">
        {t("compare.nobody")}
      </p>
    </Side>
  );
}

interface RankProps {
  candidate: CandidateOut;
  place: number;
  isShown: boolean;
  onChoose: () => void;
  onStale: () => void;
}

function Rank({ candidate, place, isShown, onChoose, onStale }: RankProps) {
  const { t } = useTranslation("sightings");
  const name = candidate.subject_name ?? t("candidates.hidden");
  return (
    <button
      type="button"
      aria-pressed={isShown}
      className={cn(
        "flex w-full min-w-0 items-center gap-2 rounded-md px-2 py-1 text-start hover:bg-accent/60",
        isShown && "bg-accent",
      )}
      onClick={onChoose}
    >
      <span className="w-5 text-xs text-muted-foreground tabular-nums">{formatNumber(place)}</span>
      <FaceThumb src={candidate.picture_url ?? null} alt="" size="sm" onRetry={onStale} />
      <span className="min-w-0 flex-1 truncate" title={name}>
        <bdi>{name}</bdi>
      </span>
      <SimilarityBadge similarity={candidate.similarity} falseMatchRate={candidate.false_match_rate} />
    </button>
  );
}
