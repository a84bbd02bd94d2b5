import { useTranslation } from "react-i18next";

import { exportSightings } from "@/client/sdk.gen";
import { ExportDialog, ExportForm, MOST_ROWS } from "@/components/export-dialog";
import { formatNumber } from "@/lib/format";

import { MOST_COUNTED, useSightingCount } from "../api/use-sighting-count";
import type { Filters } from "../lib/address";

/** The sightings that fit the filters, as a file. */
export function ExportSightings({ filters }: { filters: Filters }) {
  return <ExportDialog>{(onClose) => <Form filters={filters} onClose={onClose} />}</ExportDialog>;
}

function Form({ filters, onClose }: { filters: Filters; onClose: () => void }) {
  const { t } = useTranslation("sightings");
  const counted = useSightingCount(filters);
  const count = counted === undefined || counted > MOST_COUNTED ? undefined : counted;
  return (
    <ExportForm
      name="sightings"
      description={
        count === undefined
          ? t("export.hintMany", { least: formatNumber(MOST_COUNTED), most: formatNumber(MOST_ROWS) })
          : t("export.hint", { count, number: formatNumber(count) })
      }
      count={count}
      send={(choice, signal) => exportSightings({ body: { ...filters, ...choice }, parseAs: "stream", signal })}
      onClose={onClose}
    />
  );
}
