import { useTranslation } from "react-i18next";

import { AlertsTabs } from "@/components/alerts-tabs";
import { Can } from "@/components/can";
import { PageHeader } from "@/components/page-header";

import type { ListQuery } from "../lib/filters";
import { ExportAlerts } from "./export-alerts";
import { NewAlerts } from "./new-alerts";

/** The page's name, the sound, and the ways to what raises and sends alerts. */
export function TriageHeader({ query }: { query: ListQuery }) {
  const { t } = useTranslation("alerts");
  return (
    <PageHeader
      title={t("title")}
      actions={
        <>
          <NewAlerts />
          <Can permission="export_alerts">
            <ExportAlerts query={query} />
          </Can>
        </>
      }
    >
      <AlertsTabs />
    </PageHeader>
  );
}
