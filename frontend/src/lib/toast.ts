import { toast } from "sonner";

import { i18n } from "@/lib/i18n";
import { ApiError } from "@/lib/errors";

/** An action failed: what happened, what to do next, and the number under which the server's log holds it. */
export function toastError(error: unknown): void {
  const { title, description } = errorTexts(error);
  toast.error(title, { description });
}

export function errorTexts(error: unknown): { title: string; description: string } {
  if (!(error instanceof ApiError)) return { title: i18n.t("common:error.unknown"), description: "" };
  if (error.status === 0)
    return { title: i18n.t("common:error.unreachable"), description: i18n.t("common:error.unreachableHint") };
  const known = i18n.t(`common:code.${error.code}`, { defaultValue: "" });
  return { title: known || error.detail || i18n.t("common:error.unknown"), description: error.hint };
}

export { toast };
