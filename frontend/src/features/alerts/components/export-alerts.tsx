import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { listAlertsOptions } from "@/client/@tanstack/react-query.gen";
import { exportAlerts } from "@/client/sdk.gen";
import { ExportDialog, ExportForm, MOST_ROWS } from "@/components/export-dialog";
import { formatNumber } from "@/lib/format";

import { MOST_COUNTED } from "../api/use-alert-counts";
import type { ListQuery } from "../lib/filters";

/** The alerts that fit the tab and the filters, as a file. */
export function ExportAlerts({ query }: { query: ListQuery }) {
  return <ExportDialog>{(onClose) => <Form query={query} onClose={onClose} />}</ExportDialog>;
}

function Form({ query, onClose }: { query: ListQuery; onClose: () => void }) {
  const { t } = useTranslation("alerts");
  const { sort: _sort, ...filters } = query;
  const { data: total } = useQuery({
    ...listAlertsOptions({ query: { ...filters, limit: 1, total: true } }),
    select: (page) => page.total ?? undefined,
  });
  const count = total === undefined || total >= MOST_COUNTED ? undefined : total;
  return (
    <ExportForm
      name="alerts"
      description={
        count === undefined
          ? t("export.hintMany", { least: formatNumber(MOST_COUNTED), most: formatNumber(MOST_ROWS) })
          : t("export.hint", { count, number: formatNumber(count) })
      }
      count={count}
      send={(choice, signal) => exportAlerts({ body: { ...filters, ...choice }, parseAs: "stream", signal })}
      onClose={onClose}
    />
  );
}
