import type { ComponentProps } from "react";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";

import { FormControl, FormDescription, FormField, FormItem, FormLabel, FormMessage } from "@/components/ui/form";
import { Input } from "@/components/ui/input";

interface Props<T extends FieldValues> extends Omit<
  ComponentProps<typeof Input>,
  "form" | "name" | "value" | "defaultValue"
> {
  form: UseFormReturn<T>;
  name: FieldPath<T>;
  label: string;
  hint?: string;
  /** From the key of a rule's text to the text; messages of the server are shown as they come. */
  says?: (key: string) => string;
}

/** A line of text of a form, with its label, hint and what is wrong with it. */
export function TextField<T extends FieldValues>({ form, name, label, hint, says, ...input }: Props<T>) {
  return (
    <FormField
      control={form.control}
      name={name}
      render={({ field, fieldState: { error } }) => (
        <FormItem>
          <FormLabel>{label}</FormLabel>
          <FormControl>
            <Input dir="auto" {...input} {...field} value={field.value ?? ""} />
          </FormControl>
          {hint && <FormDescription>{hint}</FormDescription>}
          <FormMessage>
            {error?.message && (says && error.type !== "server" ? says(error.message) : error.message)}
          </FormMessage>
        </FormItem>
      )}
    />
  );
}
