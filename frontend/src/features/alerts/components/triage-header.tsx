import { useTranslation } from "react-i18next";

import { AlertsTabs } from "@/components/alerts-tabs";
import { PageHeader } from "@/components/page-header";

import { NewAlerts } from "./new-alerts";

/** The page's name, the sound, and the ways to what raises and sends alerts. */
export function TriageHeader() {
  const { t } = useTranslation("alerts");
  return (
    <PageHeader title={t("title")} actions={<NewAlerts />}>
      <AlertsTabs />
    </PageHeader>
  );
}
