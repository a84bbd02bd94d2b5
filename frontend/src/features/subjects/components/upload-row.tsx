import { useEffect, useState } from "react";
import { Check, LoaderCircle, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { FaceThumb } from "@/components/face-thumb";
import { QualityBadge } from "@/components/quality-badge";
import { SimilarityBadge } from "@/components/similarity-badge";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { formatNumber } from "@/lib/format";

import { useSubject } from "../api/use-subject";
import { PARTS, type Refusal } from "../lib/refusal";
import type { Upload } from "../lib/use-upload-queue";

interface Props {
  upload: Upload;
  onAgain: (isAllowed: boolean) => void;
  onDrop: () => void;
  onMerge: (subjectId: string) => void;
}

/** A picture on its way, enrolled, or why it was not. */
export function UploadRow({ upload, onAgain, onDrop, onMerge }: Props) {
  const { t } = useTranslation("subjects");
  const { file, state, image, refusal } = upload;
  const preview = usePreview(file);
  return (
    <li className="grid gap-2 rounded-lg border p-2">
      <div className="flex items-center gap-3">
        <FaceThumb src={image?.picture_url ?? preview} alt="" size="md" />
        <div className="grid min-w-0 flex-1 gap-0.5">
          <span dir="auto" className="truncate" title={file.name}>
            {file.name}
          </span>
          <State state={state} />
        </div>
        {image && <QualityBadge quality={image.quality.score} />}
        {(state === "refused" || state === "done") && (
          <Button variant="ghost" size="icon" aria-label={t("upload.dismiss", { name: file.name })} onClick={onDrop}>
            <X aria-hidden />
          </Button>
        )}
      </div>
      {refusal && <Reason refusal={refusal} onAgain={onAgain} onDrop={onDrop} onMerge={onMerge} />}
    </li>
  );
}

function usePreview(file: File): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url;
}

function State({ state }: { state: Upload["state"] }) {
  const { t } = useTranslation("subjects");
  const tone = state === "done" ? "text-success" : state === "refused" ? "text-destructive" : "text-muted-foreground";
  return (
    <span className={`flex items-center gap-1 text-xs ${tone}`}>
      {state === "sending" && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
      {state === "done" && <Check aria-hidden className="size-3.5" />}
      {t(`upload.${state}`)}
    </span>
  );
}

type ReasonProps = Pick<Props, "onAgain" | "onDrop" | "onMerge"> & { refusal: Refusal };

function Reason({ refusal, onAgain, onDrop, onMerge }: ReasonProps) {
  const { t } = useTranslation("subjects");
  const { code, resembles, measured, faces } = refusal;
  const known = t(`refused.${code}`, { defaultValue: "", count: faces });
  return (
    <div className="grid gap-2 text-sm">
      <p>{known || refusal.detail || t("common:error.unknown")}</p>
      {Object.keys(measured).length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {PARTS.map((part) => {
            const value = measured[part];
            if (value === undefined) return null;
            const digits = part === "eye_distance" ? 0 : 2;
            const text = formatNumber(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
            return (
              <li key={part}>
                <Badge variant="outline">{t(`part.${part}`, { value: text })}</Badge>
              </li>
            );
          })}
        </ul>
      )}
      {resembles ? (
        <Lookalike {...resembles} onAgain={onAgain} onDrop={onDrop} onMerge={onMerge} />
      ) : (
        !known && (
          <Button size="sm" variant="outline" className="w-fit" onClick={() => onAgain(false)}>
            {t("common:retry")}
          </Button>
        )
      )}
    </div>
  );
}

type LookalikeProps = Omit<ReasonProps, "refusal"> & { subjectId: string; similarity: number };

function Lookalike({ subjectId, similarity, onAgain, onDrop, onMerge }: LookalikeProps) {
  const { t } = useTranslation("subjects");
  const other = useSubject(subjectId);
  return (
    <div className="grid gap-2 rounded-md bg-muted/60 p-2">
      <div className="flex items-center gap-3">
        {other.data ? (
          <>
            <FaceThumb src={other.data.portrait_url ?? null} alt={other.data.name} />
            <span dir="auto" className="min-w-0 flex-1 truncate font-medium" title={other.data.name}>
              {other.data.name}
            </span>
          </>
        ) : (
          <Skeleton className="h-12 flex-1" />
        )}
        <SimilarityBadge similarity={similarity} />
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" variant="outline" onClick={() => onAgain(true)}>
          {t("refused.enrol")}
        </Button>
        <Button size="sm" variant="outline" onClick={() => onMerge(subjectId)}>
          {t("refused.merge")}
        </Button>
        <Button size="sm" variant="ghost" onClick={onDrop}>
          {t("common:cancel")}
        </Button>
      </div>
    </div>
  );
}
