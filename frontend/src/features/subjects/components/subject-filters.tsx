import { useRef } from "react";
import { LayoutGrid, List } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { FilterBar, type Filter } from "@/components/filter-bar";
import { SearchInput } from "@/components/search-input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { ToggleGroup, ToggleGroupItem } from "@/components/ui/toggle-group";
import { useShortcut } from "@/hooks/use-shortcut";

import { useWatchlistOptions } from "../api/use-watchlist-options";
import { address, SORTS, type Address } from "../lib/filters";

interface Props {
  state: Address;
  onChange: (change: Partial<Address>, options?: { replace?: boolean }) => void;
  /** How many were found. */
  count: string;
}

const SHOWN = ["active", "inactive", "alerts", "noAlerts", "noPicture"] as const;
type Shown = (typeof SHOWN)[number];
const NONE = { status: undefined, alerts: undefined, pictures: undefined };
const MEANS: Record<Shown, Partial<Address>> = {
  active: { status: "active" },
  inactive: { status: "inactive" },
  alerts: { alerts: true },
  noAlerts: { alerts: false },
  noPicture: { pictures: false },
};

export function SubjectFilters({ state, onChange, count }: Props) {
  const { t } = useTranslation("subjects");
  const search = useRef<HTMLInputElement>(null);
  const lists = useWatchlistOptions();
  useShortcut("/", t("key.search"), () => search.current?.focus());
  const isSet = (shown: Shown) =>
    Object.entries(MEANS[shown]).every(([name, value]) => state[name as keyof Address] === value);
  const chosen = SHOWN.filter(isSet);
  const filters: Filter[] = chosen.map((shown) => ({
    id: shown,
    label: t(`only.${shown}`),
    onRemove: () => onChange(Object.fromEntries(Object.keys(MEANS[shown]).map((name) => [name, undefined]))),
  }));
  if (state.watchlist !== undefined)
    filters.unshift({
      id: "watchlist",
      label: lists.find(({ value }) => value === String(state.watchlist))?.label ?? t("watchlist"),
      onRemove: () => onChange({ watchlist: undefined }),
    });
  return (
    <FilterBar
      filters={filters}
      onClear={() => onChange({ ...NONE, watchlist: undefined })}
      end={
        <>
          <span role="status" className="text-xs text-muted-foreground">
            {count}
          </span>
          <ToggleGroup
            type="single"
            value={state.view}
            onValueChange={(view) => view && onChange({ view: address.shape.view.parse(view) })}
            aria-label={t("view")}
          >
            <ToggleGroupItem value="grid" aria-label={t("grid")}>
              <LayoutGrid aria-hidden />
            </ToggleGroupItem>
            <ToggleGroupItem value="list" aria-label={t("list")}>
              <List aria-hidden />
            </ToggleGroupItem>
          </ToggleGroup>
        </>
      }
    >
      <SearchInput
        ref={search}
        dir="auto"
        className="w-full sm:w-64"
        placeholder={t("search")}
        aria-label={t("search")}
        value={state.q}
        onChange={(q) => onChange({ q }, { replace: true })}
      />
      <Combobox
        className="w-44"
        aria-label={t("watchlist")}
        placeholder={t("watchlist")}
        options={lists}
        value={state.watchlist === undefined ? null : String(state.watchlist)}
        onChange={(value) => onChange({ watchlist: value === null ? undefined : Number(value) })}
      />
      <Combobox
        multiple
        className="w-40"
        aria-label={t("status")}
        placeholder={t("status")}
        options={SHOWN.map((value) => ({ value, label: t(`only.${value}`) }))}
        value={[...chosen]}
        onChange={(values) => {
          // Of two that exclude each other the one chosen last holds.
          const added = SHOWN.filter((one) => values.includes(one)).toSorted((one) => (chosen.includes(one) ? -1 : 1));
          onChange(Object.assign({ ...NONE }, ...added.map((one) => MEANS[one])));
        }}
      />
      <Select
        value={state.sort}
        onValueChange={(sort) => onChange({ sort: address.shape.sort.parse(sort) })}
        disabled={state.q.trim() !== ""}
      >
        <SelectTrigger className="w-40" aria-label={t("sort")}>
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {SORTS.map((sort) => (
            <SelectItem key={sort} value={sort}>
              {t(`sorts.${sort.replace("-", "")}`)}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </FilterBar>
  );
}
