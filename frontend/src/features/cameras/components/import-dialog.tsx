import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { createCamera } from "@/client/sdk.gen";
import { FileDrop } from "@/components/file-drop";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { newKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";
import { errorTexts } from "@/lib/toast";

import { VIEWERS_ZONE } from "../lib/form";
import { parseM3u, type Entry } from "../lib/m3u";

const MOST_BYTES = 2 * 1024 * 1024;

interface Row extends Entry {
  /** Of the request that makes it: sent again it is done once. */
  key: string;
  isChosen: boolean;
  result?: { isDone: boolean; text: string };
}

/** Cameras and channels of a playlist: look at what is in it, choose, add. Each stands alone. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("cameras");
  const cache = useQueryClient();
  const [rows, setRows] = useState<Row[] | null>(null);
  const [skipped, setSkipped] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const open = rows?.filter((row) => row.isChosen && !row.result?.isDone) ?? [];

  async function read([file]: File[]) {
    if (!file) return;
    const parsed = parseM3u(await file.text());
    setSkipped(parsed.skipped);
    setRows(parsed.entries.map((entry) => ({ ...entry, key: newKey(), isChosen: true })));
  }

  const change = (key: string, part: Partial<Row>) =>
    setRows((old) => old?.map((row) => (row.key === key ? { ...row, ...part } : row)) ?? null);

  async function add() {
    setBusy(true);
    for (const { key, name, url } of open) {
      try {
        const body = { name: name.slice(0, 200), stream_url: url, time_zone: VIEWERS_ZONE };
        await createCamera({ body, headers: { "Idempotency-Key": key } });
        change(key, { result: { isDone: true, text: t("import.added") } });
      } catch (error) {
        const { title, description } = errorTexts(error);
        // A refusal frees the key; another attempt is another request.
        change(key, { key: newKey(), result: { isDone: false, text: `${title}. ${description}` } });
      }
    }
    setBusy(false);
    await invalidate(cache, "listCameras", "getDashboard");
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && !isBusy && onClose()}>
      <DialogContent className="max-h-[90dvh] overflow-y-auto sm:max-w-2xl">
        <DialogHeader>
          <DialogTitle>{t("import.title")}</DialogTitle>
          <DialogDescription>{t("import.hint")}</DialogDescription>
        </DialogHeader>
        <FileDrop
          accept=".m3u,.m3u8,audio/x-mpegurl,application/vnd.apple.mpegurl"
          maxBytes={MOST_BYTES}
          label={t("import.drop")}
          onFiles={(files) => void read(files)}
        />
        {rows && (
          <>
            <p role="status">
              {t("import.found", { count: rows.length })} {skipped > 0 && t("import.skipped", { count: skipped })}
            </p>
            <ul className="max-h-80 divide-y overflow-y-auto rounded-md border">
              {rows.map((row) => (
                <li key={row.key} className="flex items-center gap-3 px-3 py-1.5">
                  <Checkbox
                    checked={row.isChosen}
                    disabled={isBusy || row.result?.isDone}
                    aria-label={t("import.choose", { name: row.name })}
                    onCheckedChange={(checked) => change(row.key, { isChosen: checked === true })}
                  />
                  <bdi className="min-w-0 flex-1 truncate" title={row.name}>
                    {row.name}
                  </bdi>
                  {row.result && (
                    <Badge variant={row.result.isDone ? "secondary" : "destructive"} title={row.result.text}>
                      <span className="max-w-64 truncate">{row.result.text}</span>
                    </Badge>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
        <DialogFooter>
          <Button variant="outline" onClick={onClose} disabled={isBusy}>
            {t("common:close")}
          </Button>
          <Button onClick={() => void add()} loading={isBusy} disabled={open.length === 0}>
            {t("import.add", { count: open.length })}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
