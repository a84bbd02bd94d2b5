import { Boxes } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { PackInformationOut } from "@/client/types.gen";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { QueryView } from "@/components/query-view";
import { Skeleton } from "@/components/ui/skeleton";
import { formatNumber, formatPercent, formatRate } from "@/lib/format";

import { useSystemInformation } from "../api/use-settings";

/** The pack in use: how good it was measured to be, on what, and under which licences. */
export function ModelsPanel() {
  const { t } = useTranslation("settings");
  return (
    <QueryView query={useSystemInformation()} skeleton={<Skeleton className="h-96" />}>
      {({ pack }) =>
        pack ? (
          <Pack pack={pack} />
        ) : (
          <EmptyState icon={Boxes} title={t("models.none")} description={t("models.noneHint")} />
        )
      }
    </QueryView>
  );
}

function Pack({ pack }: { pack: PackInformationOut }) {
  const { t } = useTranslation("settings");
  const similarity = (value: number | null) =>
    value === null ? "–" : formatNumber(value, { maximumFractionDigits: 4 });
  return (
    <section className="grid grid-cols-1 gap-4">
      <div>
        <h2 className="text-base font-semibold">
          <bdi>{pack.title}</bdi>
        </h2>
        <p className="text-muted-foreground" dir="auto">
          {pack.name} · {pack.model_version} · {t("models.measuredOn", { set: pack.measured_on })}
        </p>
      </div>
      <DataTable
        caption={t("models.points")}
        rows={pack.operating_points}
        getRowId={({ fmr }) => String(fmr)}
        columns={[
          { id: "fmr", header: t("models.fmr"), cell: ({ fmr }) => formatRate(fmr) },
          { id: "threshold", header: t("models.threshold"), cell: (point) => similarity(point.min_similarity) },
          { id: "tmr", header: t("models.tmr"), cell: ({ tmr }) => (tmr === null ? "–" : formatPercent(tmr, 2)) },
        ]}
      />
      <DataTable
        caption={t("models.accuracy")}
        rows={pack.accuracy}
        getRowId={(row) => row.set}
        columns={[
          { id: "set", header: t("models.set"), cell: (row) => <bdi>{row.set}</bdi> },
          { id: "pairs", header: t("models.pairs"), cell: (row) => formatNumber(row.pairs) },
          { id: "accuracy", header: t("models.accuracy"), cell: (row) => formatPercent(row.accuracy, 2) },
          { id: "remark", header: t("models.remark"), cell: (row) => <bdi>{row.remark}</bdi>, hideOnPhone: true },
        ]}
      />
      <DataTable
        caption={t("models.files")}
        rows={[pack.detector, pack.embedder]}
        getRowId={(row) => row.file}
        columns={[
          { id: "file", header: t("models.file"), cell: (row) => <bdi>{row.file}</bdi> },
          { id: "licence", header: t("models.licence"), cell: (row) => <bdi>{row.licence}</bdi> },
          { id: "source", header: t("models.source"), cell: (row) => <bdi>{row.source}</bdi>, hideOnPhone: true },
        ]}
      />
    </section>
  );
}
