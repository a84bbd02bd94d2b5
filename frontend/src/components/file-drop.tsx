import { useId, useState, type DragEvent } from "react";
import { Upload } from "lucide-react";
import { useTranslation } from "react-i18next";

import { formatBytes } from "@/lib/format";
import { sortFiles, type RefusedFile } from "@/lib/files";
import { cn } from "@/lib/utils";

interface Props {
  /** As of an input: "image/jpeg,image/png,.zip". */
  accept?: string;
  multiple?: boolean;
  maxBytes?: number;
  onFiles: (files: File[]) => void;
  hint?: string;
  label?: string;
  disabled?: boolean;
  className?: string;
}

/** Files by drag and drop or by the browser's own dialog. */
export function FileDrop({ accept, multiple = false, maxBytes, onFiles, hint, label, disabled, className }: Props) {
  const { t } = useTranslation("kit");
  const id = useId();
  const [isOver, setOver] = useState(false);
  const [refused, setRefused] = useState<RefusedFile[]>([]);

  function take(list: FileList | null) {
    const given = [...(list ?? [])].slice(0, multiple ? undefined : 1);
    const { taken, refused } = sortFiles(given, { accept, maxBytes });
    setRefused(refused);
    if (taken.length > 0) onFiles(taken);
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    if (!disabled) take(event.dataTransfer.files);
  }

  return (
    <div className={cn("grid gap-2", className)}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- dropping; the input does the same by keyboard */}
      <label
        htmlFor={id}
        className={cn(
          "relative grid justify-items-center gap-1 rounded-lg border border-dashed border-input px-4 py-6 text-center has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring",
          disabled ? "opacity-55" : "cursor-pointer hover:bg-accent/40",
          isOver && "border-primary bg-primary/8",
        )}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Upload aria-hidden className="size-5 text-muted-foreground" />
        <span className="font-medium">{label ?? t(multiple ? "file.dropMany" : "file.drop")}</span>
        {(hint || maxBytes) && (
          <span id={`${id}-hint`} className="text-xs text-muted-foreground">
            {[hint, maxBytes && t("file.max", { size: formatBytes(maxBytes) })].filter(Boolean).join(" · ")}
          </span>
        )}
        <input
          id={id}
          type="file"
          className="sr-only"
          accept={accept}
          multiple={multiple}
          disabled={disabled}
          aria-describedby={hint || maxBytes ? `${id}-hint` : undefined}
          onChange={(event) => {
            take(event.target.files);
            event.target.value = ""; // the same file may be chosen again
          }}
        />
      </label>
      {refused.length > 0 && (
        <ul role="alert" className="grid gap-0.5 text-xs text-destructive">
          {refused.map(({ name, reason }, index) => (
            <li key={index} dir="auto" className="truncate" title={name}>
              {t(`file.${reason}`, { name })}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
