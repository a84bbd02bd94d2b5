import { useState } from "react";
import { useTranslation } from "react-i18next";

import { FileDrop } from "@/components/file-drop";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { toastError } from "@/lib/toast";

import { useImportSubjects } from "../api/use-import-subjects";
import { ImportResult } from "./import-result";

interface Props {
  /** The job that is looked at; in the address, so that it survives a reload. */
  jobId: string | undefined;
  onJob: (jobId: string | undefined) => void;
  onClose: () => void;
}

/** A list of people from a file: first what would happen, then for real. */
export function ImportDialog({ jobId, onJob, onClose }: Props) {
  const { t } = useTranslation("subjects");
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent className="sm:max-w-3xl">
        <DialogHeader>
          <DialogTitle>{t("import.title")}</DialogTitle>
          <DialogDescription>{t("import.hint")}</DialogDescription>
        </DialogHeader>
        {jobId ? (
          <ImportResult key={jobId} jobId={jobId} onJob={onJob} onClose={onClose} />
        ) : (
          <Files onJob={onJob} onClose={onClose} />
        )}
      </DialogContent>
    </Dialog>
  );
}

function Files({ onJob, onClose }: Pick<Props, "onJob" | "onClose">) {
  const { t } = useTranslation("subjects");
  const start = useImportSubjects();
  const [file, setFile] = useState<File | null>(null);
  const [images, setImages] = useState<File | null>(null);
  const [isUpdate, setUpdate] = useState(false);
  const [isAllowed, setAllowed] = useState(false);

  function check() {
    if (!file) return;
    const existing = isUpdate ? "update" : "skip";
    start.mutate(
      { file, images: images ?? undefined, dry_run: true, existing, allow_resembling: isAllowed },
      { onSuccess: ({ id }) => onJob(id), onError: toastError },
    );
  }

  return (
    <>
      <div className="grid gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <FileDrop
            accept=".csv,text/csv"
            label={file?.name ?? t("import.csv")}
            hint={t("import.csvHint")}
            onFiles={([one]) => setFile(one ?? null)}
          />
          <FileDrop
            accept=".zip"
            label={images?.name ?? t("import.zip")}
            hint={t("import.zipHint")}
            onFiles={([one]) => setImages(one ?? null)}
          />
        </div>
        <Label className="font-normal">
          <Switch checked={isUpdate} onCheckedChange={setUpdate} />
          {t("import.update")}
        </Label>
        <Label className="font-normal">
          <Switch checked={isAllowed} onCheckedChange={setAllowed} />
          {t("import.resembling")}
        </Label>
      </div>
      <DialogFooter>
        <Button variant="outline" onClick={onClose}>
          {t("common:cancel")}
        </Button>
        <Button disabled={!file} loading={start.isPending} onClick={check}>
          {t("import.check")}
        </Button>
      </DialogFooter>
    </>
  );
}
