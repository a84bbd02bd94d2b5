import { ArrowDownWideNarrow, ArrowUpNarrowWide, Check, LayoutGrid, List, UserRoundPen, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { ToggleGroup, ToggleGroupItem } from "@/components/ui/toggle-group";
import { formatNumber } from "@/lib/format";

import { MOST_COUNTED, useSightingCount } from "../api/use-sighting-count";
import { VIEWS, type Filters, type UrlState } from "../lib/address";

interface Props {
  state: Pick<UrlState, "view" | "sort">;
  onChange: (change: Partial<UrlState>) => void;
  filters: Filters;
  loaded: number;
  selected: ReadonlySet<string>;
  /** Undefined: may not decide. */
  onAll?: (all: boolean) => void;
  onConfirm: () => void;
  onReject: () => void;
  onAssign: () => void;
  isBusy: boolean;
}

/** How many, how they are shown, and what is done with those that are selected. */
export function ListToolbar({ state, onChange, filters, loaded, selected, onAll, ...rest }: Props) {
  const { t } = useTranslation("sightings");
  const isAll = selected.size > 0 && selected.size === loaded;
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1">
      {onAll && (
        <Checkbox
          checked={isAll ? true : selected.size > 0 ? "indeterminate" : false}
          disabled={loaded === 0}
          onCheckedChange={(checked) => onAll(checked === true)}
          aria-label={t("bulk.all")}
        />
      )}
      {selected.size > 0 ? (
        <Bulk count={selected.size} onClear={() => onAll?.(false)} {...rest} />
      ) : (
        <Count filters={filters} />
      )}
      <div className="ms-auto flex items-center gap-2">
        <Button
          variant="ghost"
          size="sm"
          className="font-normal"
          onClick={() => onChange({ sort: state.sort === "detected_at" ? "-detected_at" : "detected_at" })}
        >
          {state.sort === "detected_at" ? <ArrowUpNarrowWide aria-hidden /> : <ArrowDownWideNarrow aria-hidden />}
          {t(state.sort === "detected_at" ? "sort.oldest" : "sort.newest")}
        </Button>
        <ToggleGroup
          type="single"
          aria-label={t("view.label")}
          value={state.view}
          onValueChange={(value) => {
            const view = VIEWS.find((one) => one === value);
            if (view) onChange({ view });
          }}
        >
          <ToggleGroupItem value="list" aria-label={t("view.list")} title={t("view.list")}>
            <List aria-hidden />
          </ToggleGroupItem>
          <ToggleGroupItem value="grid" aria-label={t("view.grid")} title={t("view.grid")}>
            <LayoutGrid aria-hidden />
          </ToggleGroupItem>
        </ToggleGroup>
      </div>
    </div>
  );
}

/** How many fit in all. */
function Count({ filters }: { filters: Filters }) {
  const { t } = useTranslation("sightings");
  const count = useSightingCount(filters);
  return (
    <span role="status" className="text-xs text-muted-foreground">
      {count === undefined
        ? null
        : count > MOST_COUNTED
          ? t("count.more", { number: formatNumber(MOST_COUNTED) })
          : t("count.is", { count, number: formatNumber(count) })}
    </span>
  );
}

type BulkProps = Pick<Props, "onConfirm" | "onReject" | "onAssign" | "isBusy"> & {
  count: number;
  onClear: () => void;
};

function Bulk({ count, onConfirm, onReject, onAssign, isBusy, onClear }: BulkProps) {
  const { t } = useTranslation("sightings");
  return (
    <div role="toolbar" aria-label={t("bulk.label")} className="flex flex-wrap items-center gap-1">
      <span role="status" className="me-1 text-xs font-medium">
        {t("bulk.selected", { count })}
      </span>
      <Button variant="outline" size="sm" loading={isBusy} onClick={onConfirm}>
        <Check aria-hidden />
        {t("action.confirm")}
      </Button>
      <Button variant="outline" size="sm" disabled={isBusy} onClick={onReject}>
        <X aria-hidden />
        {t("action.reject")}
      </Button>
      <Button variant="outline" size="sm" disabled={isBusy} onClick={onAssign}>
        <UserRoundPen aria-hidden />
        {t("action.assign")}
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label={t("bulk.clear")} title={t("bulk.clear")} onClick={onClear}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
