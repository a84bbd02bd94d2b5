import { useId, useRef, useState, type KeyboardEvent } from "react";
import { CircleHelp, FlaskConical, UserRoundCheck, UserRoundX, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { Label } from "@/components/ui/label";
import { Textarea } from "@/components/ui/textarea";

import type { Verdict } from "../lib/filters";

const CHOICES: { verdict: Verdict; key: string; icon: LucideIcon }[] = [
  { verdict: "true_match", key: "t", icon: UserRoundCheck },
  { verdict: "false_match", key: "f", icon: UserRoundX },
  { verdict: "test", key: "e", icon: FlaskConical },
  { verdict: "unclear", key: "u", icon: CircleHelp },
];
const LONGEST = 2000;

interface Props {
  /** How many are resolved; 0: closed. */
  count: number;
  onClose: () => void;
  onResolve: (verdict: Verdict, note: string) => void;
}

/** How did it turn out? One key or one click resolves, with the comment if there is one. */
export function ResolveDialog({ count, onClose, onResolve }: Props) {
  const { t } = useTranslation("alerts");
  const box = useRef<HTMLDivElement>(null);
  const [note, setNote] = useState("");

  function close() {
    setNote("");
    onClose();
  }

  function resolve(verdict: Verdict) {
    onResolve(verdict, note.trim());
    setNote("");
  }

  /** t, f, e and u choose, unless they are typed into the comment. */
  function press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target instanceof HTMLTextAreaElement) return;
    const choice = CHOICES.find(({ key }) => key === event.key.toLowerCase());
    if (!choice) return;
    event.preventDefault();
    resolve(choice.verdict);
  }

  return (
    <Dialog open={count > 0} onOpenChange={(open) => !open && close()}>
      <DialogContent
        ref={box}
        tabIndex={-1}
        className="max-w-md"
        onKeyDown={press}
        onOpenAutoFocus={(event) => {
          // Not on a verdict: Enter must not choose one by chance.
          event.preventDefault();
          box.current?.focus();
        }}
      >
        <DialogHeader>
          <DialogTitle>{t("resolve.title", { count })}</DialogTitle>
          <DialogDescription>{t("resolve.hint")}</DialogDescription>
        </DialogHeader>
        <Choices note={note} onNote={setNote} onResolve={resolve} />
      </DialogContent>
    </Dialog>
  );
}

interface ChoicesProps {
  note: string;
  onNote: (note: string) => void;
  onResolve: (verdict: Verdict) => void;
}

function Choices({ note, onNote, onResolve }: ChoicesProps) {
  const { t } = useTranslation("alerts");
  const id = useId();

  return (
    <div className="grid gap-4">
      <div className="grid gap-1.5">
        <Label htmlFor={id}>{t("resolve.note")}</Label>
        <Textarea
          id={id}
          dir="auto"
          rows={2}
          maxLength={LONGEST}
          value={note}
          onChange={(event) => onNote(event.target.value)}
        />
      </div>
      <div className="grid gap-2">
        {CHOICES.map(({ verdict, key, icon: Icon }) => (
          <button
            key={verdict}
            type="button"
            aria-keyshortcuts={key}
            className="flex min-h-12 items-center gap-3 rounded-md border bg-card px-3 py-1.5 text-start hover:bg-accent"
            onClick={() => onResolve(verdict)}
          >
            <Icon aria-hidden className="size-5 shrink-0 text-muted-foreground" />
            <span className="grid min-w-0 flex-1">
              <span className="font-medium">{t(`verdict.${verdict}`)}</span>
              <span className="text-xs text-muted-foreground">{t(`resolve.${verdict}`)}</span>
            </span>
            <Kbd aria-hidden className="max-md:hidden">
              {key}
            </Kbd>
          </button>
        ))}
      </div>
    </div>
  );
}
