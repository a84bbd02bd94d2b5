import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { LayoutOut } from "@/client/types.gen";
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
import { Form, FormControl, FormDescription, FormField, FormItem, FormLabel } from "@/components/ui/form";
import { Switch } from "@/components/ui/switch";
import { applyFieldErrors } from "@/lib/form-errors";
import { toast, toastError } from "@/lib/toast";

import { useCreateLayout, useUpdateLayout } from "../api/use-layouts";
import { arrangementOf, type Arrangement } from "../lib/arrangement";

const schema = z.object({
  name: z.string().trim().min(1, "layouts.nameMissing").max(100),
  is_shared: z.boolean(),
  is_default: z.boolean(),
});
type Values = z.output<typeof schema>;

interface Props {
  /** Whose name and sharing is changed; none: a new one. */
  layout: LayoutOut | undefined;
  arrangement: Arrangement;
  onSaved: (layout: LayoutOut) => void;
  onClose: () => void;
}

export function LayoutDialog({ layout, arrangement, onSaved, onClose }: Props) {
  const { t } = useTranslation("live");
  const create = useCreateLayout();
  const update = useUpdateLayout();
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: layout?.name ?? "",
      is_shared: layout?.is_shared ?? false,
      is_default: layout?.is_default ?? false,
    },
  });

  async function submit(values: Values) {
    const content = layout ? arrangementOf(layout.content) : arrangement;
    const body = { ...values, kind: "live" as const, content };
    try {
      const saved = layout ? await update.mutateAsync({ id: layout.id, body }) : await create.mutateAsync(body);
      onSaved(saved);
      toast.success(t("layouts.saved"));
      onClose();
    } catch (error) {
      if (!applyFieldErrors(form, error)) toastError(error);
    }
  }

  return (
    <Dialog open onOpenChange={(is) => !is && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{layout ? t("layouts.editTitle", { name: layout.name }) : t("layouts.newTitle")}</DialogTitle>
          <DialogDescription className="sr-only">{t("toolbar.chooseHint", { most: 64 })}</DialogDescription>
        </DialogHeader>
        <Form {...form}>
          <form onSubmit={form.handleSubmit(submit)} className="grid gap-4" noValidate>
            <TextField form={form} name="name" label={t("layouts.name")} says={(key) => t(key)} autoComplete="off" />
            {(["share", "default"] as const).map((what) => (
              <FormField
                key={what}
                control={form.control}
                name={what === "share" ? "is_shared" : "is_default"}
                render={({ field }) => (
                  <FormItem>
                    <div className="flex items-center justify-between gap-4">
                      <FormLabel>{t(`layouts.${what}Label`)}</FormLabel>
                      <FormControl>
                        <Switch checked={field.value} onCheckedChange={field.onChange} />
                      </FormControl>
                    </div>
                    <FormDescription>{t(`layouts.${what}Hint`)}</FormDescription>
                  </FormItem>
                )}
              />
            ))}
            <DialogFooter>
              <Button type="button" variant="outline" onClick={onClose}>
                {t("common:cancel")}
              </Button>
              <Button type="submit" loading={form.formState.isSubmitting}>
                {t("common:save")}
              </Button>
            </DialogFooter>
          </form>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
