import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { TextField } from "@/components/text-field";
import { FormControl, FormDescription, FormField, FormItem, FormLabel } from "@/components/ui/form";
import { Switch } from "@/components/ui/switch";

import type { CameraValues } from "../lib/form";

interface Props {
  form: UseFormReturn<CameraValues>;
  /** Whether it has privacy masks, which would not move with its picture. */
  isMasked: boolean;
}

/** Whether the camera can be moved, and where it takes commands. */
export function ControlFields({ form, isMasked }: Props) {
  const { t } = useTranslation("cameras");
  const says = (key: string) => t(key);
  const isMoved = form.watch("is_moved");
  return (
    <fieldset className="grid grid-cols-1 gap-4 rounded-md border p-3">
      <legend className="px-1 font-medium">{t("control.title")}</legend>
      <FormField
        control={form.control}
        name="is_moved"
        render={({ field }) => (
          <FormItem className="grid grid-cols-[auto_1fr] items-center gap-x-2">
            <FormControl>
              <Switch checked={field.value} onCheckedChange={field.onChange} />
            </FormControl>
            <FormLabel>{t("control.isMoved")}</FormLabel>
            <FormDescription className="col-span-2">{t("control.hint")}</FormDescription>
          </FormItem>
        )}
      />
      {isMoved && isMasked && (
        <p role="status" className="text-warning">
          {t("control.masked")}
        </p>
      )}
      {isMoved && (
        <>
          <div className="grid gap-4 sm:grid-cols-[7rem_1fr]">
            <TextField
              form={form}
              name="control_port"
              label={t("control.port")}
              says={says}
              dir="ltr"
              inputMode="numeric"
            />
            <TextField
              form={form}
              name="control_path"
              label={t("control.path")}
              says={says}
              dir="ltr"
              spellCheck={false}
            />
          </div>
          <FormField
            control={form.control}
            name="control_tls"
            render={({ field }) => (
              <FormItem className="flex items-center gap-2">
                <FormControl>
                  <Switch checked={field.value} onCheckedChange={field.onChange} />
                </FormControl>
                <FormLabel>{t("control.tls")}</FormLabel>
              </FormItem>
            )}
          />
        </>
      )}
    </fieldset>
  );
}
