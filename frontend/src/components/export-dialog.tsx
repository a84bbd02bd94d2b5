import { useState, type ReactNode } from "react";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
  DialogTrigger,
} from "@/components/ui/dialog";
import { Label } from "@/components/ui/label";
import { Progress } from "@/components/ui/progress";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { useExport, type Progress as Done, type Send } from "@/hooks/use-export";
import { ApiError } from "@/lib/errors";
import { formatBytes, formatNumber } from "@/lib/format";
import { FORMATS, type Format } from "@/lib/line-count";
import { errorTexts } from "@/lib/toast";

/** Rows of one file, as the server has it. */
export const MOST_ROWS = 1_000_000;

interface DialogProps {
  /** The ExportForm; drawn while the dialog is open. */
  children: (onClose: () => void) => ReactNode;
}

interface Props {
  /** Of the file, where the server does not say: "sightings". */
  name: string;
  /** What is exported, and that it goes on record. */
  description: string;
  /** Rows to come, for the progress; undefined: not known. */
  count?: number;
  send: Send;
  onClose: () => void;
}

/** What fits the filters of a page, as a file. */
export function ExportDialog({ children }: DialogProps) {
  const { t } = useTranslation("kit");
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline">
          <Download aria-hidden />
          {t("export.title")}
        </Button>
      </DialogTrigger>
      <DialogContent>{children(() => setOpen(false))}</DialogContent>
    </Dialog>
  );
}

/** How it is written, and how far it has come. */
export function ExportForm({ name, description, count, send, onClose }: Props) {
  const { t } = useTranslation("kit");
  const { state, start, cancel } = useExport(name, send);
  const [format, setFormat] = useState<Format>("csv");
  const [forExcel, setForExcel] = useState(false);
  const isRunning = state.step === "running";

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void start(format, forExcel);
      }}
    >
      <DialogHeader>
        <DialogTitle>{t("export.title")}</DialogTitle>
        <DialogDescription>{description}</DialogDescription>
      </DialogHeader>
      <RadioGroup
        aria-label={t("export.format")}
        value={format}
        disabled={isRunning}
        onValueChange={(value) => setFormat(FORMATS.find((one) => one === value) ?? "csv")}
      >
        {FORMATS.map((one) => (
          <Label key={one} className="flex items-center gap-2 font-normal">
            <RadioGroupItem value={one} />
            {t(`export.${one}`)}
          </Label>
        ))}
      </RadioGroup>
      {format === "csv" && (
        <Label className="flex items-center gap-2 font-normal">
          <Checkbox
            checked={forExcel}
            disabled={isRunning}
            onCheckedChange={(checked) => setForExcel(checked === true)}
          />
          {t("export.excel")}
        </Label>
      )}
      <div role="status" className="grid gap-2 empty:hidden">
        {isRunning && <Running progress={state.progress} count={count} />}
        {state.step === "done" && (
          <Alert variant="success">
            <AlertTitle>{t("export.done", sizes(state.progress))}</AlertTitle>
            <AlertDescription>
              <bdi>{state.name}</bdi>
            </AlertDescription>
          </Alert>
        )}
      </div>
      {state.step === "failed" && <Failed error={state.error} />}
      <DialogFooter>
        {isRunning ? (
          <Button type="button" variant="outline" onClick={cancel}>
            {t("common:cancel")}
          </Button>
        ) : (
          <Button type="button" variant="outline" onClick={onClose}>
            {t("common:close")}
          </Button>
        )}
        <Button type="submit" loading={isRunning}>
          {t("export.submit")}
        </Button>
      </DialogFooter>
    </form>
  );
}

function sizes({ rows, bytes }: Done) {
  return { count: rows, number: formatNumber(rows), size: formatBytes(bytes) };
}

function Running({ progress, count }: { progress: Done; count: number | undefined }) {
  const { t } = useTranslation("kit");
  const isKnown = count !== undefined && count > 0;
  return (
    <>
      <Progress
        aria-label={t("export.running")}
        value={isKnown ? Math.min(100, (100 * progress.rows) / count) : null}
      />
      <span className="text-xs text-muted-foreground tabular-nums">{t("export.sofar", sizes(progress))}</span>
    </>
  );
}

function Failed({ error }: { error: unknown }) {
  const { t } = useTranslation("kit");
  const isRefused = error instanceof ApiError;
  const isTooMany = isRefused && error.code === "invalid_input" && error.errors.length === 0;
  const { title, description } = isTooMany
    ? { title: t("export.tooMany", { most: formatNumber(MOST_ROWS) }), description: t("export.tooManyHint") }
    : isRefused
      ? errorTexts(error)
      : { title: t("export.broken"), description: t("export.brokenHint") };
  return (
    <Alert variant="destructive" role="alert">
      <AlertTitle>{title}</AlertTitle>
      {description && <AlertDescription>{description}</AlertDescription>}
    </Alert>
  );
}
