import { useTranslation } from "react-i18next";

import { FramePicture } from "@/components/frame-picture";
import { useObjectUrl } from "@/hooks/use-object-url";

/** The picture that is searched with. */
export function Probe({ file, isUpload }: { file: File; isUpload: boolean }) {
  const { t } = useTranslation("sightings");
  const url = useObjectUrl(file);
  return (
    <figure className="grid max-w-80 gap-1.5">
      <FramePicture src={url ?? null} alt={t("face.probe")} className="aspect-square" />
      {isUpload && <figcaption className="text-xs text-muted-foreground">{t("face.notKept")}</figcaption>}
    </figure>
  );
}
