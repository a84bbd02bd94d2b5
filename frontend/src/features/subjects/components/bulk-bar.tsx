import { useTranslation } from "react-i18next";

import type { SubjectChangeIn } from "@/client/types.gen";
import { Combobox } from "@/components/combobox";
import { Button } from "@/components/ui/button";
import { toast, toastError } from "@/lib/toast";

import { useBulkSubjects } from "../api/use-bulk-subjects";
import { useWatchlistOptions } from "../api/use-watchlist-options";

interface Props {
  selected: Set<string>;
  onChange: (selected: Set<string>) => void;
}

const NO_LIST = "none";
const CHANGES: Record<string, SubjectChangeIn> = {
  activate: { status: "active" },
  deactivate: { status: "inactive" },
  alertsOn: { alert_on_match: true },
  alertsOff: { alert_on_match: false },
};

/** What can be done with all that are chosen. */
export function BulkBar({ selected, onChange }: Props) {
  const { t } = useTranslation("subjects");
  const bulk = useBulkSubjects();
  const lists = useWatchlistOptions();
  if (selected.size === 0) return null;

  async function apply(change: SubjectChangeIn) {
    try {
      const { done, failed } = await bulk.mutateAsync({ ids: [...selected], change });
      if (failed.length > 0) toast.error(t("bulk.failed", { count: failed.length }));
      else toast.success(t("bulk.done", { count: done }));
      onChange(new Set(failed)); // those that it did not work for stay chosen
    } catch (error) {
      toastError(error);
    }
  }

  return (
    <div
      role="toolbar"
      aria-label={t("bulk.title")}
      className="sticky bottom-3 z-20 flex flex-wrap items-center gap-2 rounded-lg border bg-popover p-2 text-popover-foreground"
    >
      <span role="status" className="px-1 font-medium">
        {t("bulk.chosen", { count: selected.size })}
      </span>
      {Object.entries(CHANGES).map(([name, change]) => (
        <Button key={name} size="sm" variant="outline" disabled={bulk.isPending} onClick={() => void apply(change)}>
          {t(`bulk.${name}`)}
        </Button>
      ))}
      <Combobox
        size="sm"
        className="w-44"
        aria-label={t("bulk.move")}
        placeholder={t("bulk.move")}
        disabled={bulk.isPending}
        options={[...lists, { value: NO_LIST, label: t("noList") }]}
        value={null}
        onChange={(value) => value && void apply({ watchlist_id: value === NO_LIST ? null : Number(value) })}
      />
      <Button size="sm" variant="ghost" className="ms-auto" onClick={() => onChange(new Set())}>
        {t("bulk.clear")}
      </Button>
    </div>
  );
}
