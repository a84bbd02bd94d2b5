import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";

import type { SubjectOut } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { toastError } from "@/lib/toast";

import { useAccessExport } from "../api/use-export-subjects";
import { JobProgress } from "./job-progress";

const SHORTEST = 3;

/** Everything held on a person, for that person. */
export function AccessExportDialog({ subject, onClose }: { subject: SubjectOut; onClose: () => void }) {
  const { t } = useTranslation("subjects");
  const start = useAccessExport(subject.id);
  const [reason, setReason] = useState("");

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    start.mutate(reason.trim(), { onError: toastError });
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("access.title", { name: subject.name })}</DialogTitle>
          <DialogDescription>{t("access.hint")}</DialogDescription>
        </DialogHeader>
        <form onSubmit={submit} className="grid gap-4">
          {start.data ? (
            <JobProgress jobId={start.data.id} />
          ) : (
            <div className="grid gap-1.5">
              <Label htmlFor="access-reason">{t("access.reason")}</Label>
              <Input
                id="access-reason"
                dir="auto"
                maxLength={200}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
                placeholder="DSR-2026-117"
              />
            </div>
          )}
          <DialogFooter>
            <Button variant="outline" onClick={onClose}>
              {t("common:close")}
            </Button>
            {!start.data && (
              <Button type="submit" loading={start.isPending} disabled={reason.trim().length < SHORTEST}>
                {t("export.start")}
              </Button>
            )}
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
