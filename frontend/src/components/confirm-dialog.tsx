import { useEffect, useId, useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";

import {
  AlertDialog,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogHeader,
  AlertDialogTitle,
} from "@/components/ui/alert-dialog";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { errorTexts } from "@/lib/toast";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: ReactNode;
  confirmLabel: string;
  destructive?: boolean;
  /** Has to be typed before. */
  requireText?: string;
  /** The dialog closes when this is done, and stays with the reason when it fails. */
  onConfirm: () => void | Promise<unknown>;
  /** More to say or to choose. */
  children?: ReactNode;
}

export function ConfirmDialog({ open, onOpenChange, title, description, children, ...rest }: Props) {
  const [isBusy, setBusy] = useState(false);
  return (
    <AlertDialog open={open} onOpenChange={(next) => !isBusy && onOpenChange(next)}>
      <AlertDialogContent>
        <AlertDialogHeader>
          <AlertDialogTitle>{title}</AlertDialogTitle>
          <AlertDialogDescription asChild>
            <div>{description}</div>
          </AlertDialogDescription>
        </AlertDialogHeader>
        {children}
        <Body isBusy={isBusy} setBusy={setBusy} close={() => onOpenChange(false)} {...rest} />
      </AlertDialogContent>
    </AlertDialog>
  );
}

type BodyProps = Pick<Props, "confirmLabel" | "destructive" | "requireText" | "onConfirm"> & {
  isBusy: boolean;
  setBusy: (is: boolean) => void;
  close: () => void;
};

function Body({ confirmLabel, destructive = false, requireText, onConfirm, isBusy, setBusy, close }: BodyProps) {
  const { t } = useTranslation("kit");
  const id = useId();
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<unknown>(null);
  const isReady = requireText === undefined || typed.trim() === requireText.trim();

  useEffect(() => () => setBusy(false), [setBusy]);

  async function submit(event: SyntheticEvent) {
    event.preventDefault();
    event.stopPropagation(); // a form around the dialog is not meant
    if (!isReady || isBusy) return;
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      close();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} className="grid gap-4">
      {requireText !== undefined && (
        <div className="grid gap-1.5">
          <Label htmlFor={id} className="inline font-normal text-pretty">
            {t("confirm.type")} <strong dir="auto">{requireText}</strong>
          </Label>
          <Input
            id={id}
            dir="auto"
            autoComplete="off"
            autoFocus
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
      )}
      {error !== null && <Problem error={error} />}
      <AlertDialogFooter>
        <AlertDialogCancel type="button" disabled={isBusy}>
          {t("confirm.cancel")}
        </AlertDialogCancel>
        <Button type="submit" variant={destructive ? "destructive" : "default"} loading={isBusy} disabled={!isReady}>
          {confirmLabel}
        </Button>
      </AlertDialogFooter>
    </form>
  );
}

function Problem({ error }: { error: unknown }) {
  const { title, description } = errorTexts(error);
  return (
    <Alert variant="destructive" role="alert">
      <AlertTitle>{title}</AlertTitle>
      {description && <AlertDescription>{description}</AlertDescription>}
    </Alert>
  );
}
