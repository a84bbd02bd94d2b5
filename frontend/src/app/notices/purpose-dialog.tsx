import { useEffect, useRef, useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";

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
import { installAsker } from "@/lib/purpose";

const LONGEST = 200; // characters, as the API takes

/** Why do you look? Asked where the house wants to know, before people are shown; it goes on record. */
export function PurposeDialog() {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const answer = useRef<(purpose: string | null) => void>(undefined);

  useEffect(
    () =>
      installAsker(() => {
        setOpen(true);
        return new Promise((resolve) => (answer.current = resolve));
      }),
    [],
  );

  function close(purpose: string | null) {
    setOpen(false);
    answer.current?.(purpose);
  }

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    if (text.trim()) close(text.trim());
  }

  return (
    <Dialog open={open} onOpenChange={(next) => !next && close(null)}>
      <DialogContent>
        <form onSubmit={submit} className="grid gap-4">
          <DialogHeader>
            <DialogTitle>{t("purpose.title")}</DialogTitle>
            <DialogDescription>{t("purpose.hint")}</DialogDescription>
          </DialogHeader>
          <div className="grid gap-1.5">
            <Label htmlFor="purpose">{t("purpose.label")}</Label>
            <Input id="purpose" dir="auto" maxLength={LONGEST} value={text} onChange={(e) => setText(e.target.value)} />
          </div>
          <DialogFooter>
            <Button type="button" variant="outline" onClick={() => close(null)}>
              {t("cancel")}
            </Button>
            <Button type="submit" disabled={!text.trim()}>
              {t("purpose.submit")}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
