import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";

import { isApiError } from "@/lib/errors";

/** Show what the server found wrong beside the fields it names (`body.name`). False where it names none of this form:
 * show the error another way then. names: fields of the API that are called otherwise here. */
export function applyFieldErrors<T extends FieldValues>(
  form: UseFormReturn<T>,
  error: unknown,
  names: Record<string, FieldPath<T>> = {},
): boolean {
  if (!isApiError(error)) return false;
  const known = Object.keys(form.getValues());
  let isShown = false;
  for (const { field, message } of error.errors) {
    const given = field.replace(/^(body|query)\./, "");
    const first = given.split(".")[0] ?? "";
    const name = names[given] ?? names[first] ?? (known.includes(first) ? (given as FieldPath<T>) : undefined);
    if (!name) continue;
    form.setError(name, { type: "server", message }, { shouldFocus: !isShown });
    isShown = true;
  }
  return isShown;
}
