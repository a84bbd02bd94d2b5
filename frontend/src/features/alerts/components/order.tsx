import { useTranslation } from "react-i18next";

import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";

import type { UrlState } from "../lib/filters";

interface Props {
  sort: UrlState["sort"];
  onChange: (change: Partial<UrlState>) => void;
}

export function Order({ sort, onChange }: Props) {
  const { t } = useTranslation("alerts");
  return (
    <Select value={sort} onValueChange={(next) => onChange({ sort: next === "severity" ? "severity" : "newest" })}>
      <SelectTrigger size="sm" aria-label={t("order.label")} className="border-transparent bg-transparent">
        <SelectValue />
      </SelectTrigger>
      <SelectContent align="end">
        <SelectItem value="newest">{t("order.newest")}</SelectItem>
        <SelectItem value="severity">{t("order.severity")}</SelectItem>
      </SelectContent>
    </Select>
  );
}
