import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { getVersionOptions } from "@/client/@tanstack/react-query.gen";

/** Says that this is the demonstration, and who is seen in it. */
export function DemoNotice() {
  const { t } = useTranslation();
  const { data } = useQuery(getVersionOptions());
  if (!data?.demo) return null;
  return <p className="border-b bg-accent px-4 py-1.5 text-sm text-accent-foreground">{t("demo")}</p>;
}
