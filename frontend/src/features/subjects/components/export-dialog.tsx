import { useState } from "react";
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
import { Label } from "@/components/ui/label";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { Switch } from "@/components/ui/switch";
import { toastError } from "@/lib/toast";

import { useExportSubjects } from "../api/use-export-subjects";
import { MOST_EXPORTED, whomToExport } from "../lib/export-scope";
import type { Address } from "../lib/filters";
import { JobProgress } from "./job-progress";

const FORMATS = ["csv", "json"] as const;

interface Props {
  filters: Pick<Address, "watchlist" | "status">;
  selected: Set<string>;
  onClose: () => void;
}

/** The chosen people, or those of the list and status that are filtered by. */
export function ExportDialog({ filters, selected, onClose }: Props) {
  const { t } = useTranslation("subjects");
  const [format, setFormat] = useState<(typeof FORMATS)[number]>("csv");
  const [pictures, setPictures] = useState(false);
  const start = useExportSubjects();
  const whom = whomToExport(selected, filters);

  function begin() {
    if (whom.body) start.mutate({ format, pictures, ...whom.body }, { onError: toastError });
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("export.title")}</DialogTitle>
          <DialogDescription>
            {t(`export.${whom.told}`, { count: selected.size, most: MOST_EXPORTED })}
          </DialogDescription>
        </DialogHeader>
        {start.data ? (
          <JobProgress jobId={start.data.id} />
        ) : (
          <div className="grid gap-4">
            <RadioGroup
              aria-label={t("export.format")}
              value={format}
              onValueChange={(value) => setFormat(value === "json" ? "json" : "csv")}
            >
              {FORMATS.map((one) => (
                <Label key={one} className="font-normal">
                  <RadioGroupItem value={one} />
                  {t(`export.${one}`)}
                </Label>
              ))}
            </RadioGroup>
            <Label className="font-normal">
              <Switch checked={pictures} onCheckedChange={setPictures} />
              {t("export.pictures")}
            </Label>
          </div>
        )}
        <DialogFooter>
          <Button variant="outline" onClick={onClose}>
            {t("common:close")}
          </Button>
          {!start.data && (
            <Button disabled={!whom.body} loading={start.isPending} onClick={begin}>
              {t("export.start")}
            </Button>
          )}
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
