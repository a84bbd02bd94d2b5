import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { FaceSeen } from "@/client/types.gen";
import { FramePicture } from "@/components/frame-picture";
import { Button } from "@/components/ui/button";
import { useObjectUrl } from "@/hooks/use-object-url";
import { formatNumber } from "@/lib/format";

import { sizeOf } from "../lib/crop";

interface Props {
  file: File;
  faces: FaceSeen[];
  onChoose: (face: number) => void;
}

/** The picture shows several people: which one is meant? */
export function FaceChooser({ file, faces, onChoose }: Props) {
  const { t } = useTranslation("sightings");
  const url = useObjectUrl(file);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);

  useEffect(() => {
    let isGone = false;
    void sizeOf(file).then(
      (found) => !isGone && setSize(found),
      () => undefined, // the numbers below the picture lead to the faces too
    );
    return () => {
      isGone = true;
    };
  }, [file]);

  const boxes = size
    ? faces.map(({ box: [x, y, width, height], bystander }, index) => ({
        id: String(index),
        x: x / size.width,
        y: y / size.height,
        width: width / size.width,
        height: height / size.height,
        label: t("chooser.face", { number: formatNumber(index + 1) }),
        tone: bystander ? ("neutral" as const) : ("primary" as const),
      }))
    : [];

  return (
    <section aria-labelledby="choose-face" className="grid gap-2">
      <h2 id="choose-face" className="text-base font-semibold">
        {t("chooser.title", { count: faces.length })}
      </h2>
      <p className="text-muted-foreground">{t("chooser.hint")}</p>
      <FramePicture
        src={url ?? null}
        alt={t("face.probe")}
        ratio={size ? size.width / size.height : undefined}
        boxes={boxes}
        onBoxClick={({ id }) => onChoose(Number(id))}
        className="max-h-[60vh]"
      />
      <div className="flex flex-wrap gap-2">
        {faces.map((_, index) => (
          <Button key={index} variant="outline" size="sm" onClick={() => onChoose(index)}>
            {t("chooser.face", { number: formatNumber(index + 1) })}
          </Button>
        ))}
      </div>
    </section>
  );
}
