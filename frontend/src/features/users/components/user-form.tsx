import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, type UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { Combobox } from "@/components/combobox";
import { TextField } from "@/components/text-field";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { Form, FormControl, FormDescription, FormField, FormItem, FormLabel } from "@/components/ui/form";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";

import { useGroups } from "../api/use-users";

const ROLES = ["admin", "operator", "viewer", "auditor"] as const;

const schema = z.object({
  username: z.string().trim().min(1, "form.nameMissing").max(64),
  email: z.union([z.literal(""), z.email("form.emailWrong")]),
  role: z.enum(ROLES),
  is_active: z.boolean(),
  must_change_password: z.boolean(),
  camera_group_ids: z.array(z.string()),
});
export type UserValues = z.output<typeof schema>;

interface Props {
  initial: UserValues;
  isNew: boolean;
  onSubmit: (values: UserValues, form: UseFormReturn<UserValues>) => Promise<void>;
  onCancel: () => void;
}

export function UserForm({ initial, isNew, onSubmit, onCancel }: Props) {
  const { t } = useTranslation("users");
  const groups = useGroups();
  const form = useForm<UserValues>({ resolver: zodResolver(schema), defaultValues: initial });
  const says = (key: string) => t(key);
  const options = (groups.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Form {...form}>
      <form onSubmit={form.handleSubmit((values) => onSubmit(values, form))} className="grid gap-4" noValidate>
        <TextField
          form={form}
          name="username"
          label={t("name")}
          hint={isNew ? t("form.nameHint") : t("form.nameFixed")}
          says={says}
          dir="ltr"
          autoComplete="off"
          readOnly={!isNew}
        />
        <TextField
          form={form}
          name="email"
          label={t("form.email")}
          says={says}
          dir="ltr"
          type="email"
          autoComplete="off"
        />
        <FormField
          control={form.control}
          name="role"
          render={({ field }) => (
            <FormItem>
              <FormLabel>{t("role")}</FormLabel>
              <Select value={field.value} onValueChange={field.onChange}>
                <FormControl>
                  <SelectTrigger>
                    <SelectValue />
                  </SelectTrigger>
                </FormControl>
                <SelectContent>
                  {ROLES.map((role) => (
                    <SelectItem key={role} value={role}>
                      {t(`common:role.${role}`)}
                    </SelectItem>
                  ))}
                </SelectContent>
              </Select>
              <FormDescription>{t(`roleHint.${field.value}`)}</FormDescription>
            </FormItem>
          )}
        />
        <FormField
          control={form.control}
          name="camera_group_ids"
          render={({ field }) => (
            <FormItem>
              <FormLabel>{t("groups")}</FormLabel>
              <FormControl>
                <Combobox
                  multiple
                  options={options}
                  value={field.value}
                  onChange={field.onChange}
                  placeholder={t("allGroups")}
                />
              </FormControl>
              <FormDescription>{t("form.groupsHint")}</FormDescription>
            </FormItem>
          )}
        />
        <Flag form={form} name="is_active" label={t("form.active")} />
        {!isNew && <Flag form={form} name="must_change_password" label={t("form.mustChange")} />}
        <DialogFooter>
          <Button variant="outline" onClick={onCancel}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" loading={form.formState.isSubmitting}>
            {isNew ? t("form.create") : t("common:save")}
          </Button>
        </DialogFooter>
      </form>
    </Form>
  );
}

interface FlagProps {
  form: UseFormReturn<UserValues>;
  name: "is_active" | "must_change_password";
  label: string;
}

function Flag({ form, name, label }: FlagProps) {
  return (
    <FormField
      control={form.control}
      name={name}
      render={({ field }) => (
        <FormItem className="flex items-center gap-2">
          <FormControl>
            <Switch checked={field.value} onCheckedChange={field.onChange} />
          </FormControl>
          <FormLabel className="font-normal">{label}</FormLabel>
        </FormItem>
      )}
    />
  );
}
