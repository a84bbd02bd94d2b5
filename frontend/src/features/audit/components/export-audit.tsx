import { useTranslation } from "react-i18next";

import { exportAuditLog } from "@/client/sdk.gen";
import { ExportDialog, ExportForm } from "@/components/export-dialog";

import type { AuditQuery } from "../lib/audit-query";

/** The entries that fit the filters, as a file. */
export function ExportAudit({ query }: { query: AuditQuery }) {
  const { t } = useTranslation("audit");
  const { action, ...filters } = query;
  return (
    <ExportDialog>
      {(onClose) => (
        <ExportForm
          name="audit"
          description={t("exportHint")}
          send={(choice, signal) =>
            exportAuditLog({ body: { ...filters, action: action ?? [], ...choice }, parseAs: "stream", signal })
          }
          onClose={onClose}
        />
      )}
    </ExportDialog>
  );
}
