import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { TextField } from "@/components/text-field";
import { FormControl, FormDescription, FormField, FormItem, FormLabel } from "@/components/ui/form";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";

import { useCameraGroups } from "../api/use-cameras";
import type { CameraValues } from "../lib/form";

const ZONES = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));

interface Props {
  form: UseFormReturn<CameraValues>;
}

/** Where the stream is, and its login. */
export function AddressFields({ form, keepsLogin = false }: Props & { keepsLogin?: boolean }) {
  const { t } = useTranslation("cameras");
  const says = (key: string) => t(key);
  return (
    <>
      <TextField
        form={form}
        name="stream_url"
        label={t("form.address")}
        hint={t("form.addressHint")}
        says={says}
        dir="ltr"
        spellCheck={false}
        autoComplete="off"
        placeholder="rtsp://192.168.1.64:554/…"
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          form={form}
          name="username"
          label={t("form.username")}
          hint={keepsLogin ? t("form.loginKept") : undefined}
          dir="ltr"
          autoComplete="off"
        />
        <TextField
          form={form}
          name="password"
          type="password"
          label={t("form.password")}
          dir="ltr"
          autoComplete="new-password"
        />
      </div>
      <FormField
        control={form.control}
        name="transport"
        render={({ field }) => (
          <FormItem>
            <FormLabel>{t("form.transport")}</FormLabel>
            <Select value={field.value} onValueChange={field.onChange}>
              <FormControl>
                <SelectTrigger className="w-40">
                  <SelectValue />
                </SelectTrigger>
              </FormControl>
              <SelectContent>
                <SelectItem value="tcp">TCP</SelectItem>
                <SelectItem value="udp">UDP</SelectItem>
              </SelectContent>
            </Select>
          </FormItem>
        )}
      />
    </>
  );
}

/** What it is called, where it hangs, who sees it. */
export function PlaceFields({ form }: Props) {
  const { t } = useTranslation("cameras");
  const groups = useCameraGroups();
  const says = (key: string) => t(key);
  return (
    <>
      <TextField form={form} name="name" label={t("name")} says={says} />
      <TextField form={form} name="location" label={t("form.location")} says={says} />
      <FormField
        control={form.control}
        name="group_id"
        render={({ field }) => (
          <FormItem>
            <FormLabel>{t("group")}</FormLabel>
            <FormControl>
              <Combobox
                value={field.value || null}
                onChange={(id) => field.onChange(id ?? "")}
                placeholder={t("form.everybody")}
                options={groups.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
              />
            </FormControl>
            <FormDescription>{t("form.groupHint")}</FormDescription>
          </FormItem>
        )}
      />
      <FormField
        control={form.control}
        name="time_zone"
        render={({ field }) => (
          <FormItem>
            <FormLabel>{t("form.zone")}</FormLabel>
            <FormControl>
              <Combobox
                clearable={false}
                value={field.value}
                onChange={(zone) => field.onChange(zone ?? "UTC")}
                options={ZONES}
                chosen={[{ value: field.value, label: field.value }]}
              />
            </FormControl>
          </FormItem>
        )}
      />
      {(["detection_enabled", "recognition_enabled"] as const).map((name) => (
        <FormField
          key={name}
          control={form.control}
          name={name}
          render={({ field }) => (
            <FormItem className="flex items-center gap-2">
              <FormControl>
                <Switch checked={field.value} onCheckedChange={field.onChange} />
              </FormControl>
              <FormLabel className="font-normal">{t(`form.${name}`)}</FormLabel>
            </FormItem>
          )}
        />
      ))}
    </>
  );
}
