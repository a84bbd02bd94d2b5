import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { FileDrop } from "@/components/file-drop";
import { LeaveGuard } from "@/components/leave-guard";
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
import { toastError } from "@/lib/toast";

import { useCameraGroups } from "../api/use-cameras";
import { useImportCameras, useTryPlaylist, type ImportEntry } from "../api/use-import-cameras";
import { VIEWERS_ZONE } from "../lib/form";
import { countedStates, mergedEntries } from "../lib/import";
import { ImportEntries } from "./import-entries";

const MOST_BYTES = 2 * 1024 * 1024;

/** Cameras and channels of a playlist: what would become of each, then the chosen ones. Each stands alone. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("cameras");
  const groups = useCameraGroups();
  const check = useTryPlaylist();
  const add = useImportCameras();
  const [playlist, setPlaylist] = useState("");
  const [entries, setEntries] = useState<ImportEntry[] | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [groupId, setGroupId] = useState<string | null>(null);
  const isBusy = check.isPending || add.isPending;

  async function read([file]: File[]) {
    if (!file) return;
    const text = await file.text();
    setPlaylist(text);
    try {
      const items = await check.mutateAsync({ playlist: text });
      setEntries(items);
      setChosen(new Set(items.filter(({ state }) => state === "ready").map(({ line }) => line)));
    } catch (error) {
      setEntries(null);
      toastError(error);
    }
  }

  function submit() {
    const onPart = (items: ImportEntry[]) => {
      setEntries((all) => all && mergedEntries(all, items));
      setChosen((lines) => new Set([...lines].filter((line) => !items.some((item) => item.line === line))));
    };
    const lines = [...chosen].toSorted((one, other) => one - other);
    add.mutate({ playlist, lines, onPart, group_id: groupId, time_zone: VIEWERS_ZONE }, { onError: toastError });
  }

  const counts = countedStates(entries ?? []);
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && !isBusy && onClose()}>
      <DialogContent className="max-h-[90dvh] overflow-y-auto sm:max-w-2xl">
        <LeaveGuard isDirty={add.isPending} />
        <DialogHeader>
          <DialogTitle>{t("import.title")}</DialogTitle>
          <DialogDescription>{t("import.hint")}</DialogDescription>
        </DialogHeader>
        <FileDrop
          accept=".m3u,.m3u8,audio/x-mpegurl,application/vnd.apple.mpegurl"
          maxBytes={MOST_BYTES}
          label={t("import.drop")}
          disabled={isBusy}
          onFiles={(files) => void read(files)}
        />
        <div role="status" className="flex flex-wrap gap-x-3 gap-y-1">
          {check.isPending && t("common:loading")}
          {entries && (
            <>
              <span>{t("import.found", { count: entries.length })}</span>
              {(["added", "duplicate", "refused"] as const).map(
                (state) =>
                  counts[state] > 0 && <span key={state}>{t(`import.count.${state}`, { count: counts[state] })}</span>,
              )}
            </>
          )}
        </div>
        {entries && entries.length > 0 && (
          <>
            <ImportEntries entries={entries} chosen={chosen} onChange={setChosen} disabled={isBusy} />
            <div className="grid gap-1.5">
              <Label htmlFor="import-group">{t("import.group")}</Label>
              <Combobox
                id="import-group"
                value={groupId}
                onChange={setGroupId}
                disabled={isBusy}
                placeholder={t("form.everybody")}
                options={groups.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
              />
            </div>
          </>
        )}
        <DialogFooter>
          <Button variant="outline" onClick={onClose} disabled={isBusy}>
            {t("common:close")}
          </Button>
          <Button onClick={submit} loading={add.isPending} disabled={chosen.size === 0 || check.isPending}>
            {t("import.add", { count: chosen.size })}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
