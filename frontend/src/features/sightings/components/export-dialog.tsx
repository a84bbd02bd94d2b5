import { useState } from "react";
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
import { ApiError } from "@/lib/errors";
import { formatBytes, formatNumber } from "@/lib/format";
import { errorTexts } from "@/lib/toast";

import { useExportSightings, type Progress as Done } from "../api/use-export-sightings";
import { MOST_COUNTED, useSightingCount } from "../api/use-sighting-count";
import type { Filters } from "../lib/address";
import { FORMATS, type Format } from "../lib/line-count";

/** Rows of one file, as the server has it. */
const MOST_ROWS = 1_000_000;

/** The sightings that fit the filters, as a file. */
export function ExportDialog({ filters }: { filters: Filters }) {
  const { t } = useTranslation("sightings");
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline">
          <Download aria-hidden />
          {t("export.title")}
        </Button>
      </DialogTrigger>
      <DialogContent>
        <Body filters={filters} onClose={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function Body({ filters, onClose }: { filters: Filters; onClose: () => void }) {
  const { t } = useTranslation("sightings");
  const count = useSightingCount(filters);
  const { state, start, cancel } = useExportSightings();
  const [format, setFormat] = useState<Format>("csv");
  const [forExcel, setForExcel] = useState(false);
  const isRunning = state.step === "running";

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void start(filters, format, forExcel);
      }}
    >
      <DialogHeader>
        <DialogTitle>{t("export.title")}</DialogTitle>
        <DialogDescription>
          {count === undefined || count > MOST_COUNTED
            ? t("export.hintMany", { least: formatNumber(MOST_COUNTED), most: formatNumber(MOST_ROWS) })
            : t("export.hint", { count, number: formatNumber(count) })}
        </DialogDescription>
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
  const { t } = useTranslation("sightings");
  const isKnown = count !== undefined && count > 0 && count <= MOST_COUNTED;
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
  const { t } = useTranslation("sightings");
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
