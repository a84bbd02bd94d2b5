import type { ReactElement, ReactNode } from "react";
import {
  useFormContext,
  type ControllerRenderProps,
  type FieldPath,
  type FieldValues,
  type Path,
  type PathValue,
} from "react-hook-form";
import { useTranslation } from "react-i18next";

import { FormControl, FormDescription, FormField, FormItem, FormLabel, FormMessage } from "@/components/ui/form";

interface Props<T extends FieldValues, N extends FieldPath<T>> {
  name: N;
  label: ReactNode;
  hint?: ReactNode;
  className?: string;
  children: (field: ControllerRenderProps<T, N>) => ReactElement;
}

/** One field of a form with label, hint and what is wrong with it. Rules' texts are keys of the namespace rules. */
export function Field<T extends FieldValues, N extends FieldPath<T> = FieldPath<T>>(props: Props<T, N>) {
  const { name, label, hint, className, children } = props;
  const { control } = useFormContext<T>();
  const { t } = useTranslation("rules");
  return (
    <FormField
      control={control}
      name={name}
      render={({ field, fieldState: { error } }) => (
        <FormItem className={className}>
          <FormLabel>{label}</FormLabel>
          <FormControl>{children(field)}</FormControl>
          {hint && <FormDescription>{hint}</FormDescription>}
          <FormMessage>
            {error?.message && (error.message.startsWith("problem.") ? t(error.message) : error.message)}
          </FormMessage>
        </FormItem>
      )}
    />
  );
}

/** A switch that makes a part of the form there or not: null, or what it begins with. */
export function useOptional<T extends FieldValues>(name: Path<T>, start: PathValue<T, Path<T>>) {
  const { watch, setValue } = useFormContext<T>();
  const value = watch(name);
  return {
    isOn: value !== null,
    toggle: (isOn: boolean) =>
      setValue(name, isOn ? start : (null as PathValue<T, Path<T>>), { shouldDirty: true, shouldValidate: false }),
  };
}
