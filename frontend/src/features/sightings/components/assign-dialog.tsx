import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";

import { useSubjectChoice } from "../api/use-choices";

interface Props {
  /** How many sightings it is about; none: closed. */
  count: number;
  onClose: () => void;
  /** Closes when it is done. */
  onAssign: (subjectId: string) => Promise<unknown>;
}

/** Who is it? */
export function AssignDialog({ count, onClose, onAssign }: Props) {
  return (
    <Dialog open={count > 0} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>{count > 0 && <Body count={count} onClose={onClose} onAssign={onAssign} />}</DialogContent>
    </Dialog>
  );
}

function Body({ count, onClose, onAssign }: Props) {
  const { t } = useTranslation("sightings");
  const [subjectId, setSubjectId] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const subjects = useSubjectChoice(subjectId ? [subjectId] : []);

  async function submit(event: SyntheticEvent) {
    event.preventDefault();
    if (!subjectId || isBusy) return;
    setBusy(true);
    await onAssign(subjectId);
    setBusy(false);
    onClose();
  }

  return (
    <form onSubmit={submit} className="grid gap-4">
      <DialogHeader>
        <DialogTitle>{t("assign.title")}</DialogTitle>
        <DialogDescription>{t("assign.hint", { count })}</DialogDescription>
      </DialogHeader>
      <Combobox
        {...subjects.props}
        aria-label={t("assign.person")}
        placeholder={t("assign.person")}
        value={subjectId}
        onChange={setSubjectId}
      />
      <DialogFooter>
        <Button type="button" variant="outline" onClick={onClose}>
          {t("common:cancel")}
        </Button>
        <Button type="submit" loading={isBusy} disabled={!subjectId}>
          {t("assign.submit")}
        </Button>
      </DialogFooter>
    </form>
  );
}
