import type { ReactNode } from "react";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";

export interface Filter {
  id: string;
  /** "Camera: Front door". */
  label: string;
  onRemove: () => void;
}

interface Props {
  /** What is set now, as chips. */
  filters: Filter[];
  onClear: () => void;
  /** The controls that set filters. */
  children?: ReactNode;
  /** At the end: number of results, view switch. */
  end?: ReactNode;
}

export function FilterBar({ filters, onClear, children, end }: Props) {
  const { t } = useTranslation("kit");
  return (
    <div className="grid gap-2" role="search" aria-label={t("filter.label")}>
      <div className="flex flex-wrap items-center gap-2">
        {children}
        {end && <div className="ms-auto flex items-center gap-2">{end}</div>}
      </div>
      {filters.length > 0 && (
        <ul className="flex flex-wrap items-center gap-1.5">
          {filters.map((filter) => (
            <li
              key={filter.id}
              className="inline-flex h-6 max-w-64 items-center gap-0.5 rounded-sm border bg-secondary/60 ps-2 text-xs pointer-coarse:h-9"
            >
              <span dir="auto" className="truncate" title={filter.label}>
                {filter.label}
              </span>
              <button
                type="button"
                aria-label={t("filter.remove", { name: filter.label })}
                className="inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-muted-foreground hover:text-foreground pointer-coarse:size-9"
                onClick={filter.onRemove}
              >
                <X aria-hidden className="size-3" />
              </button>
            </li>
          ))}
          <li>
            <Button variant="ghost" size="sm" className="h-6 px-2" onClick={onClear}>
              {t("filter.clear")}
            </Button>
          </li>
        </ul>
      )}
    </div>
  );
}
