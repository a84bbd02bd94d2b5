import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { FormControl, FormDescription, FormField, FormItem, FormLabel, FormMessage } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { LANGUAGES, isLanguage } from "@/lib/i18n";

import type { FieldKind, SectionName, Values } from "../lib/sections";
import { RateChoice } from "./rate-choice";

interface Props {
  form: UseFormReturn<Values>;
  section: SectionName;
  field: FieldKind;
  byDefault: string | boolean | undefined;
  disabled: boolean;
}

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => ({ value: zone, label: zone }));

/** One setting: what it is, what it does, and what it is where nobody changed it. */
export function SettingField({ form, section, field: { name, kind, choices = [] }, byDefault, disabled }: Props) {
  const { t } = useTranslation("settings");
  const sayChoice = (choice: string) => (isLanguage(choice) ? LANGUAGES[choice] : t(`choice.${choice}`, choice));
  const shown =
    typeof byDefault === "boolean"
      ? t(byDefault ? "on" : "off")
      : byDefault
        ? kind === "choice"
          ? sayChoice(byDefault)
          : byDefault
        : t("unset");
  return (
    <FormField
      control={form.control}
      name={name}
      render={({ field, fieldState: { error } }) => {
        const held = String(field.value ?? "");
        return (
          <FormItem className="max-w-xl">
            <div className="flex items-center justify-between gap-3">
              <FormLabel>{t(`${section}.${name}`)}</FormLabel>
              {kind === "switch" && (
                <FormControl>
                  <Switch checked={field.value === true} onCheckedChange={field.onChange} disabled={disabled} />
                </FormControl>
              )}
            </div>
            {(kind === "text" || kind === "number") && (
              <FormControl>
                <Input
                  {...field}
                  value={held}
                  dir={kind === "number" ? "ltr" : "auto"}
                  inputMode={kind === "number" ? "decimal" : undefined}
                  disabled={disabled}
                />
              </FormControl>
            )}
            {kind === "zone" && (
              <FormControl>
                <Combobox
                  options={ZONES}
                  value={held || null}
                  onChange={(zone) => field.onChange(zone ?? "")}
                  clearable={false}
                  disabled={disabled}
                />
              </FormControl>
            )}
            {kind === "choice" && (
              <Select value={held} onValueChange={field.onChange} disabled={disabled}>
                <FormControl>
                  <SelectTrigger>
                    <SelectValue />
                  </SelectTrigger>
                </FormControl>
                <SelectContent>
                  {choices.map((choice) => (
                    <SelectItem key={choice} value={choice}>
                      {sayChoice(choice)}
                    </SelectItem>
                  ))}
                </SelectContent>
              </Select>
            )}
            {kind === "rate" && <RateChoice value={held} onChange={field.onChange} disabled={disabled} />}
            <FormDescription>
              {t(`${section}.${name}_hint`)} <bdi>{t("byDefault", { value: shown })}</bdi>
            </FormDescription>
            <FormMessage>
              {error?.message && (error.type === "server" ? error.message : t(`wrong.${error.message}`))}
            </FormMessage>
          </FormItem>
        );
      }}
    />
  );
}
