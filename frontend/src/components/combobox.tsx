import { useId, useState, type ComponentProps, type ReactNode } from "react";
import { Check, ChevronsUpDown, LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Command, CommandEmpty, CommandInput, CommandItem, CommandList } from "@/components/ui/command";
import { fieldClasses } from "@/components/ui/input";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { formatNumber } from "@/lib/format";
import { fitting } from "@/lib/fitting";
import { cn } from "@/lib/utils";

export interface ComboboxOption {
  value: string;
  label: string;
  description?: string;
  icon?: ReactNode;
  disabled?: boolean;
}

/** Options that are drawn at once; of more, those that fit what is typed. */
const MOST_SHOWN = 100;

interface Single {
  multiple?: false;
  value: string | null;
  onChange: (value: string | null) => void;
}

interface Multiple {
  multiple: true;
  value: string[];
  onChange: (value: string[]) => void;
}

type Shared = Omit<ComponentProps<"button">, "value" | "onChange" | "type"> & {
  options: ComboboxOption[];
  /** Options are searched by the caller, who gives those that fit; else by their labels here. */
  onSearch?: (text: string) => void;
  isLoading?: boolean;
  /** Names of what is chosen but not among the options. */
  chosen?: ComboboxOption[];
  placeholder?: string;
  searchPlaceholder?: string;
  empty?: ReactNode;
  /** A single choice may be taken back. */
  clearable?: boolean;
  size?: "default" | "sm";
};

type Props = Shared & (Single | Multiple);

/** A choice from many, by typing a part of its name. */
export function Combobox(props: Props) {
  const { multiple: _multiple, value, onChange: _onChange, options, onSearch, isLoading, chosen, ...rest } = props;
  const { placeholder, searchPlaceholder, empty, clearable = true, size = "default", className, ...button } = rest;
  const { t } = useTranslation("kit");
  const popupId = useId();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const isMany = !onSearch && options.length > MOST_SHOWN;
  const fits = isMany ? fitting(options, typed) : options;
  const hidden = isMany ? Math.max(0, fits.length - MOST_SHOWN) : 0;
  const values = Array.isArray(value) ? value : value === null ? [] : [value];
  const known = new Map([...(chosen ?? []), ...options].map((option) => [option.value, option.label]));
  const first = values[0];
  const text =
    first === undefined
      ? null
      : values.length === 1
        ? (known.get(first) ?? first)
        : t("combobox.chosen", { count: values.length });

  function pick(picked: string) {
    const isChosen = values.includes(picked);
    if (props.multiple) {
      props.onChange(isChosen ? values.filter((one) => one !== picked) : [...values, picked]);
      return;
    }
    props.onChange(isChosen && clearable ? null : picked);
    setOpen(false);
  }

  function search(text: string) {
    setTyped(text);
    onSearch?.(text);
  }

  function change(next: boolean) {
    setOpen(next);
    if (!next) search("");
  }

  return (
    <Popover open={open} onOpenChange={change}>
      <PopoverTrigger asChild>
        <button
          type="button"
          role="combobox"
          aria-expanded={open}
          aria-haspopup="dialog"
          aria-controls={popupId}
          className={cn(
            fieldClasses,
            "flex items-center justify-between gap-2 text-start",
            size === "sm" ? "h-7 px-2 text-xs pointer-coarse:h-9 md:text-xs" : "h-8 px-2.5 pointer-coarse:h-11",
            className,
          )}
          {...button}
        >
          <span className={cn("truncate", text === null && "text-muted-foreground")} title={text ?? undefined}>
            <bdi>{text ?? placeholder ?? t("combobox.placeholder")}</bdi>
          </span>
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
        </button>
      </PopoverTrigger>
      <PopoverContent
        id={popupId}
        aria-label={placeholder ?? t("combobox.placeholder")}
        className="w-(--radix-popover-trigger-width) min-w-56 overflow-hidden p-0"
      >
        <Command shouldFilter={!onSearch && !isMany} label={searchPlaceholder ?? t("combobox.search")}>
          <CommandInput placeholder={searchPlaceholder ?? t("combobox.search")} onValueChange={search} />
          <CommandList aria-busy={isLoading} aria-multiselectable={props.multiple || undefined} className="max-h-64">
            {isLoading ? (
              <div role="status" className="flex items-center justify-center gap-2 py-6 text-muted-foreground">
                <LoaderCircle aria-hidden className="size-4 animate-spin" />
                {t("loading")}
              </div>
            ) : (
              <CommandEmpty>{empty ?? t("combobox.nothing")}</CommandEmpty>
            )}
            {(isMany ? fits.slice(0, MOST_SHOWN) : options).map((option) => (
              <Option
                key={option.value}
                option={option}
                isChosen={values.includes(option.value)}
                onPick={() => pick(option.value)}
              />
            ))}
          </CommandList>
          {hidden > 0 && (
            <p role="status" className="border-t px-3 py-1.5 text-xs text-muted-foreground">
              {t("combobox.hidden", { count: hidden, number: formatNumber(hidden) })}
            </p>
          )}
        </Command>
      </PopoverContent>
    </Popover>
  );
}

function Option({ option, isChosen, onPick }: { option: ComboboxOption; isChosen: boolean; onPick: () => void }) {
  const { t } = useTranslation("kit");
  return (
    <CommandItem
      value={option.value}
      keywords={[option.label, option.description ?? ""]}
      disabled={option.disabled}
      onSelect={onPick}
    >
      {option.icon}
      <span className="grid min-w-0 flex-1">
        <span className="truncate" title={option.label}>
          <bdi>{option.label}</bdi>
        </span>
        {option.description && (
          <span className="truncate text-xs text-muted-foreground">
            <bdi>{option.description}</bdi>
          </span>
        )}
      </span>
      {isChosen && <Check aria-label={t("combobox.isChosen")} className="text-primary" />}
    </CommandItem>
  );
}
