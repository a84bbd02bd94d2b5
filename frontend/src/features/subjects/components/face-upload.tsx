import { useState } from "react";
import { Camera } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SubjectOut } from "@/client/types.gen";
import { FileDrop } from "@/components/file-drop";
import { Button } from "@/components/ui/button";

import { useUploadQueue } from "../lib/use-upload-queue";
import { CameraCapture } from "./camera-capture";
import { MergeDialog } from "./merge-dialog";
import { UploadRow } from "./upload-row";

const MOST_BYTES = 20 * 1024 * 1024;

/** Pictures by drag and drop, from a folder, or from this computer's camera. */
export function FaceUpload({ subject }: { subject: SubjectOut }) {
  const { t } = useTranslation("subjects");
  const queue = useUploadQueue(subject.id);
  const [isCapturing, setCapturing] = useState(false);
  const [other, setOther] = useState<string | null>(null);
  return (
    <div className="grid gap-3">
      <FileDrop
        multiple
        accept="image/jpeg,image/png,image/webp,image/bmp"
        maxBytes={MOST_BYTES}
        label={t("upload.drop")}
        hint={t("upload.hint")}
        onFiles={queue.add}
      />
      {isCapturing ? (
        <CameraCapture onPicture={(file) => queue.add([file])} onClose={() => setCapturing(false)} />
      ) : (
        <Button variant="outline" className="w-fit" onClick={() => setCapturing(true)}>
          <Camera aria-hidden />
          {t("capture.open")}
        </Button>
      )}
      {queue.uploads.length > 0 && (
        <ul aria-live="polite" aria-label={t("upload.title")} className="grid gap-2">
          {queue.uploads.map((upload) => (
            <UploadRow
              key={upload.id}
              upload={upload}
              onAgain={(isAllowed) => queue.again(upload, isAllowed)}
              onDrop={() => queue.drop(upload.id)}
              onMerge={setOther}
            />
          ))}
        </ul>
      )}
      {other && <MergeDialog kept={subject} otherId={other} onClose={() => setOther(null)} />}
    </div>
  );
}
