import { useState } from "react";
import { ImageOff, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SubjectImageOut, SubjectOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { EmptyState } from "@/components/empty-state";
import { FaceThumb } from "@/components/face-thumb";
import { QualityBadge } from "@/components/quality-badge";
import { QueryView } from "@/components/query-view";
import { Timestamp } from "@/components/timestamp";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { formatNumber } from "@/lib/format";

import { useDeleteImage, useSubjectImages } from "../api/use-subject-images";
import { PARTS } from "../lib/refusal";
import { FaceUpload } from "./face-upload";

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-3";

/** What somebody is recognised by. */
export function SubjectImages({ subject }: { subject: SubjectOut }) {
  const { t } = useTranslation("subjects");
  const images = useSubjectImages(subject.id);
  const remove = useDeleteImage(subject.id);
  const [doomed, setDoomed] = useState<string | null>(null);
  return (
    <div className="grid gap-4">
      <QueryView
        query={images}
        skeleton={
          <div className={GRID}>
            <Skeleton className="h-72" />
          </div>
        }
        isEmpty={({ items }) => items.length === 0}
        empty={<EmptyState icon={ImageOff} title={t("noPictures")} description={t("noPicturesHint")} />}
      >
        {({ items }) => (
          <ul className={GRID}>
            {items.map((image) => (
              <li key={image.id}>
                <ImageCard
                  image={image}
                  name={subject.name}
                  onDelete={() => setDoomed(image.id)}
                  onPictureFailed={() => void images.refetch()}
                />
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      <Can permission="manage_subjects">
        <FaceUpload subject={subject} />
      </Can>
      {doomed && (
        <ConfirmDialog
          open
          onOpenChange={(isOpen) => !isOpen && setDoomed(null)}
          title={t("image.delete")}
          description={t(subject.images === 1 ? "image.deleteLast" : "image.deleteHint")}
          confirmLabel={t("common:delete")}
          destructive
          onConfirm={() => remove.mutateAsync(doomed)}
        />
      )}
    </div>
  );
}

interface CardProps {
  image: SubjectImageOut;
  name: string;
  onDelete: () => void;
  onPictureFailed: () => void;
}

function ImageCard({ image, name, onDelete, onPictureFailed }: CardProps) {
  const { t } = useTranslation("subjects");
  return (
    <article className="grid overflow-hidden rounded-lg border bg-card">
      <FaceThumb
        src={image.picture_url}
        alt={name}
        className="aspect-square size-auto w-full rounded-none"
        onRetry={onPictureFailed}
      />
      <div className="grid gap-1.5 p-2 text-xs">
        <div className="flex items-center gap-1.5">
          <QualityBadge quality={image.quality.score} />
          {image.is_portrait && <Badge>{t("image.portrait")}</Badge>}
          <Can permission="manage_subjects">
            <Button
              variant="ghost"
              size="icon"
              className="ms-auto size-7"
              aria-label={t("image.delete")}
              onClick={onDelete}
            >
              <Trash2 aria-hidden />
            </Button>
          </Can>
        </div>
        <ul className="grid gap-0.5 text-muted-foreground">
          {PARTS.map((part) => {
            const value = image.quality[part];
            if (value === null) return null;
            const digits = part === "eye_distance" ? 0 : 2;
            return (
              <li key={part}>{t(`part.${part}`, { value: formatNumber(value, { maximumFractionDigits: digits }) })}</li>
            );
          })}
          <li>
            <Timestamp value={image.created_at} format="date" />
          </li>
        </ul>
      </div>
    </article>
  );
}
