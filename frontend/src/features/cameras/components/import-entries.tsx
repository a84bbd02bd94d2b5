import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";

import { Badge } from "@/components/ui/badge";
import { Checkbox } from "@/components/ui/checkbox";
import { VirtualList } from "@/components/virtual-list";

import type { ImportEntry } from "../api/use-import-cameras";

interface Props {
  entries: ImportEntry[];
  chosen: ReadonlySet<number>;
  onChange: (chosen: ReadonlySet<number>) => void;
  disabled: boolean;
}

const VARIANTS = { ready: "outline", added: "secondary", duplicate: "outline", refused: "destructive" } as const;

/** Entries of a playlist with what becomes of each; those that can be added may be chosen. */
export function ImportEntries({ entries, chosen, onChange, disabled }: Props) {
  const { t } = useTranslation("cameras");
  const box = useRef<HTMLDivElement>(null);
  const scroller = useCallback(() => box.current, []);
  const ready = entries.filter(({ state }) => state === "ready").map(({ line }) => line);
  const isAll = ready.length > 0 && ready.every((line) => chosen.has(line));

  function toggle(line: number, isChosen: boolean) {
    const next = new Set(chosen);
    if (isChosen) next.add(line);
    else next.delete(line);
    onChange(next);
  }

  return (
    <div className="grid grid-cols-1 rounded-md border">
      <label className="flex items-center gap-3 border-b px-3 py-2 text-muted-foreground">
        <Checkbox
          checked={isAll ? true : chosen.size > 0 ? "indeterminate" : false}
          disabled={disabled || ready.length === 0}
          onCheckedChange={(checked) => onChange(new Set(checked === true ? ready : []))}
        />
        {t("import.all")}
      </label>
      <div ref={box} className="max-h-72 overflow-y-auto">
        <VirtualList
          items={entries}
          getKey={({ line }) => String(line)}
          estimateSize={52}
          getScrollElement={scroller}
          label={t("import.entries")}
          renderItem={(entry) => (
            <div className="flex items-center gap-3 border-b px-3 py-1.5">
              <Checkbox
                checked={entry.state === "added" || chosen.has(entry.line)}
                disabled={disabled || entry.state !== "ready"}
                aria-label={t("import.choose", { name: entry.name || t("import.line", { line: entry.line }) })}
                onCheckedChange={(checked) => toggle(entry.line, checked === true)}
              />
              <div className="grid min-w-0 flex-1">
                <bdi className="truncate" title={entry.name}>
                  {entry.name || t("import.line", { line: entry.line })}
                </bdi>
                <span
                  dir="auto"
                  className="line-clamp-2 text-xs break-words text-muted-foreground"
                  title={entry.detail ?? entry.stream_url}
                >
                  {entry.detail ? `${entry.detail} ${entry.hint ?? ""}` : <bdi dir="ltr">{entry.stream_url}</bdi>}
                </span>
              </div>
              <Badge variant={VARIANTS[entry.state]}>{t(`import.state.${entry.state}`)}</Badge>
            </div>
          )}
        />
      </div>
    </div>
  );
}
