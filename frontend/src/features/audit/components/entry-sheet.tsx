import { useTranslation } from "react-i18next";

import type { AuditEntryOut } from "@/client/types.gen";
import { DataTable } from "@/components/data-table";
import { Timestamp } from "@/components/timestamp";
import { Sheet, SheetContent, SheetDescription, SheetHeader, SheetTitle } from "@/components/ui/sheet";

import { differences } from "../lib/diff";

/** One entry, with the record before and after. */
export function EntrySheet({ entry, onClose }: { entry: AuditEntryOut; onClose: () => void }) {
  const { t } = useTranslation("audit");
  const facts: [string, string | number | null][] = [
    ["user_id", entry.username ?? entry.user_id],
    ["actor", entry.actor],
    ["record_id", entry.record_id],
    ["rows", entry.row_count],
    ["subject_id", entry.subject_id],
    ["ip_address", entry.ip_address],
    ["agent", entry.user_agent],
    ["position", entry.position],
  ];
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <SheetContent className="overflow-y-auto sm:max-w-2xl">
        <SheetHeader>
          <SheetTitle dir="ltr">
            {entry.action} {entry.table_name}
          </SheetTitle>
          <SheetDescription>
            <Timestamp value={entry.created_at} seconds />
          </SheetDescription>
        </SheetHeader>
        <div className="grid grid-cols-1 gap-4 p-4">
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            {facts.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted-foreground">{t(`filter.${name}`)}</dt>
                <dd className="min-w-0 break-words">
                  <bdi>{value ?? "–"}</bdi>
                </dd>
              </div>
            ))}
          </dl>
          {entry.erased_at ? (
            <p>
              {t("erased")} <Timestamp value={entry.erased_at} />
            </p>
          ) : (
            <DataTable
              caption={t("diff.caption")}
              rows={differences(entry.old_values, entry.new_values)}
              getRowId={({ field }) => field}
              columns={[
                { id: "field", header: t("diff.field"), cell: (row) => <code>{row.field}</code> },
                { id: "before", header: t("diff.before"), cell: (row) => <Value text={row.before} /> },
                {
                  id: "after",
                  header: t("diff.after"),
                  cell: (row) => <Value text={row.after} isNew={row.isChanged} />,
                },
              ]}
            />
          )}
        </div>
      </SheetContent>
    </Sheet>
  );
}

function Value({ text, isNew = false }: { text: string; isNew?: boolean }) {
  return (
    <span dir="auto" className={`break-all whitespace-normal ${isNew ? "font-semibold" : ""}`}>
      {text}
    </span>
  );
}
