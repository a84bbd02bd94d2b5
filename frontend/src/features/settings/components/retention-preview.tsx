import { useTranslation } from "react-i18next";

import type { RetentionPreviewOut } from "@/client/types.gen";
import { Timestamp } from "@/components/timestamp";
import { formatBytes, formatNumber } from "@/lib/format";

/** What a retention removes, in numbers. */
export function RetentionPreview({ found }: { found: RetentionPreviewOut }) {
  const { t } = useTranslation("settings");
  const rows: [string, string][] = [
    ["sightings", formatNumber(found.sightings)],
    ["known", formatNumber(found.known)],
    ["pictures", formatNumber(found.pictures_estimate)],
    ["bytes", formatBytes(found.database_bytes_estimate)],
    ["alerts", formatNumber(found.alerts_anonymised)],
    ["counts", formatNumber(found.minute_counts)],
  ];
  return (
    <div className="grid gap-2">
      <p>
        {t("removal.before")} <Timestamp value={found.sightings_before} />
      </p>
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 rounded-md border p-3 text-foreground">
        {rows.map(([key, value]) => (
          <div key={key} className="contents">
            <dt>{t(`removal.${key}`)}</dt>
            <dd className="text-end font-medium tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <p>{t("removal.forever")}</p>
    </div>
  );
}
