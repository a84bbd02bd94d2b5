import { useState, type ReactNode } from "react";
import { ArrowLeftRight } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AlertDetailOut, SightingDetailOut, SubjectImageOut } from "@/client/types.gen";
import { FaceThumb } from "@/components/face-thumb";
import { QualityBadge } from "@/components/quality-badge";
import { formatNumber } from "@/lib/format";
import { cn } from "@/lib/utils";

import { useAlertSighting } from "../api/use-alert-sighting";
import { useSubjectPictures } from "../api/use-subject-pictures";
import { matchOf } from "../lib/evidence";
import { Odds } from "./odds";

const SHOWN = 8;

/** The face that was seen beside the person's pictures on file: the question that an alert asks. */
export function Comparison({ alert }: { alert: AlertDetailOut }) {
  const { t } = useTranslation("alerts");
  const sighting = useAlertSighting(alert.sighting_id);
  const pictures = useSubjectPictures(alert.subject_id);
  const match = matchOf(alert, sighting.data);
  const name = alert.subject_name ?? t("common:unknownPerson");
  return (
    <section aria-labelledby="alert-comparison" className="@container grid gap-3 rounded-lg border bg-card p-3">
      <h3 id="alert-comparison" className="sr-only">
        {t("compare.title")}
      </h3>
      <div className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-start gap-x-3 gap-y-2">
        <Seen sighting={sighting.data} isThere={alert.sighting_id !== null} onRetry={() => void sighting.refetch()} />
        <ArrowLeftRight aria-hidden className="mt-16 size-5 text-muted-foreground @md:mt-24" />
        {alert.subject_id === null ? (
          <Side title={t("compare.onFile")}>
            <p className="grid aspect-square w-full max-w-64 place-items-center rounded-md border border-dashed p-3 text-center text-muted-foreground">
              {t("compare.nobody")}
            </p>
          </Side>
        ) : (
          <OnFile
            name={name}
            pictures={pictures.data?.items ?? []}
            fallback={match.pictureUrl}
            onRetry={() => void pictures.refetch()}
          />
        )}
      </div>
      {alert.subject_id !== null && <Odds match={match} name={name} />}
      {alert.subject_id === null && alert.similarity !== null && (
        <p className="text-muted-foreground">
          {t("compare.closest", { value: formatNumber(alert.similarity, { maximumFractionDigits: 2 }) })}
        </p>
      )}
    </section>
  );
}

function Side({ title, children, extra }: { title: string; children: ReactNode; extra?: ReactNode }) {
  return (
    <figure className="grid min-w-0 justify-items-center gap-2">
      <figcaption className="flex max-w-full flex-wrap items-center justify-center gap-x-2 text-xs font-medium text-muted-foreground">
        <span className="truncate">{title}</span>
        {extra}
      </figcaption>
      {children}
    </figure>
  );
}

const LARGE = "aspect-square h-auto w-full max-w-64";

interface SeenProps {
  sighting: SightingDetailOut | undefined;
  isThere: boolean;
  onRetry: () => void;
}

function Seen({ sighting, isThere, onRetry }: SeenProps) {
  const { t } = useTranslation("alerts");
  return (
    <Side title={t("compare.seen")} extra={<QualityBadge quality={sighting?.quality ?? null} />}>
      {isThere ? (
        <FaceThumb src={sighting?.image_url ?? null} alt={t("compare.seenAlt")} onRetry={onRetry} className={LARGE} />
      ) : (
        <p className="grid aspect-square w-full max-w-64 place-items-center rounded-md border border-dashed p-3 text-center text-muted-foreground">
          {t("compare.expired")}
        </p>
      )}
    </Side>
  );
}

interface OnFileProps {
  name: string;
  pictures: readonly SubjectImageOut[];
  /** The portrait, for those who may not read the pictures. */
  fallback: string | null;
  onRetry: () => void;
}

function OnFile({ name, pictures, fallback, onRetry }: OnFileProps) {
  const { t } = useTranslation("alerts");
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = pictures.find(({ id }) => id === chosen) ?? pictures.find((one) => one.is_portrait) ?? pictures[0];
  return (
    <Side title={t("compare.onFile")} extra={<QualityBadge quality={shown?.quality.score ?? null} />}>
      <FaceThumb src={shown?.picture_url ?? fallback} alt={name} onRetry={onRetry} className={LARGE} />
      {pictures.length > 1 && (
        <ul className="flex max-w-64 flex-wrap justify-center gap-1.5" aria-label={t("compare.all", { name })}>
          {pictures.slice(0, SHOWN).map((picture, index) => (
            <li key={picture.id}>
              <button
                type="button"
                aria-pressed={picture === shown}
                aria-label={t("compare.picture", { number: formatNumber(index + 1) })}
                className={cn("block rounded-md p-0.5", picture === shown && "ring-2 ring-primary")}
                onClick={() => setChosen(picture.id)}
              >
                <FaceThumb src={picture.picture_url} alt="" size="sm" onRetry={onRetry} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </Side>
  );
}
