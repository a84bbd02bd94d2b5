import { useState } from "react";
import { addDays } from "date-fns";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { TextField } from "@/components/text-field";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Form, FormControl, FormField, FormItem, FormLabel, FormMessage } from "@/components/ui/form";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { useAuth } from "@/hooks/use-auth";
import { applyFieldErrors } from "@/lib/form-errors";
import { formatNumber } from "@/lib/format";
import { toastError } from "@/lib/toast";

import { useCreateKey } from "../api/use-keys";

const DAYS = ["7", "30", "90", "365"];

interface Props {
  onClose: () => void;
  onMade: (secret: string) => void;
}

/** A key may what its owner may, or less, until a day. */
export function NewKeyDialog({ onClose, onMade }: Props) {
  const { t } = useTranslation(["settings", "users"]);
  const { user } = useAuth();
  const create = useCreateKey();
  const [days, setDays] = useState("90");
  const form = useForm<{ name: string; scopes: string[] }>({ defaultValues: { name: "", scopes: [] } });
  const options = (user?.permissions ?? []).map((value) => ({
    value,
    label: t(`users:permission.${value}`, { defaultValue: value }),
  }));

  async function submit({ name, scopes }: { name: string; scopes: string[] }) {
    if (!name.trim()) return form.setError("name", { message: t("wrong.missing") }, { shouldFocus: true });
    if (scopes.length === 0) return form.setError("scopes", { message: t("keys.scopesMissing") });
    try {
      const made = await create.mutateAsync({
        name: name.trim(),
        scopes,
        expires_at: addDays(new Date(), Number(days)).toISOString(),
      });
      onMade(made.key);
      onClose();
    } catch (error) {
      if (!applyFieldErrors(form, error)) toastError(error);
    }
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("keys.add")}</DialogTitle>
          <DialogDescription>{t("keys.addHint")}</DialogDescription>
        </DialogHeader>
        <Form {...form}>
          <form className="grid gap-4" onSubmit={form.handleSubmit(submit)} noValidate>
            <TextField form={form} name="name" label={t("keys.name")} autoComplete="off" maxLength={100} />
            <FormField
              control={form.control}
              name="scopes"
              render={({ field, fieldState }) => (
                <FormItem>
                  <FormLabel>{t("keys.scopes")}</FormLabel>
                  <FormControl>
                    <Combobox multiple options={options} value={field.value} onChange={field.onChange} />
                  </FormControl>
                  <FormMessage>{fieldState.error?.message}</FormMessage>
                </FormItem>
              )}
            />
            <div className="grid gap-1.5">
              <span id="key-days" className="font-medium">
                {t("keys.days")}
              </span>
              <Select value={days} onValueChange={setDays}>
                <SelectTrigger aria-labelledby="key-days">
                  <SelectValue />
                </SelectTrigger>
                <SelectContent>
                  {DAYS.map((one) => (
                    <SelectItem key={one} value={one}>
                      {formatNumber(Number(one), { style: "unit", unit: "day", unitDisplay: "long" })}
                    </SelectItem>
                  ))}
                </SelectContent>
              </Select>
            </div>
            <DialogFooter>
              <Button variant="outline" onClick={onClose}>
                {t("common:cancel")}
              </Button>
              <Button type="submit" loading={create.isPending}>
                {t("keys.create")}
              </Button>
            </DialogFooter>
          </form>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
