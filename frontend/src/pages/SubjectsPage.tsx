import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { Plus, UserRoundPlus } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Can } from "@/components/can";
import { EmptyState } from "@/components/empty-state";
import { ErrorState } from "@/components/error-state";
import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";
import { useSubjects } from "@/features/subjects/api/use-subjects";
import { BulkBar } from "@/features/subjects/components/bulk-bar";
import { ExportDialog } from "@/features/subjects/components/export-dialog";
import { ImportDialog } from "@/features/subjects/components/import-dialog";
import { ReceiptDialog } from "@/features/subjects/components/receipt-dialog";
import { NewSubjectDialog } from "@/features/subjects/components/subject-dialogs";
import { SubjectFilters } from "@/features/subjects/components/subject-filters";
import { SubjectGallery } from "@/features/subjects/components/subject-gallery";
import { address, queryOf } from "@/features/subjects/lib/filters";
import { useAuth } from "@/hooks/use-auth";
import { useShortcut } from "@/hooks/use-shortcut";
import { useUrlState } from "@/hooks/use-url-state";

export function Component() {
  const { t } = useTranslation("subjects");
  const { hasPermission } = useAuth();
  const mayManage = hasPermission("manage_subjects");
  const [state, setAddress] = useUrlState(address);
  const typed = useDeferredValue(state.q);
  const query = useMemo(() => queryOf({ ...state, q: typed }), [state, typed]);
  const found = useSubjects(query);
  const subjects = useMemo(() => found.data?.pages.flatMap(({ items }) => items) ?? [], [found.data]);
  const { refetch } = found;
  // Many pictures fail at once when their links expire: one reading is enough.
  const readAgain = useCallback(() => void refetch({ cancelRefetch: false }), [refetch]);
  const total = found.data?.pages[0]?.total;
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [dialog, setDialog] = useState<"add" | "import" | "export" | null>(null);
  const isFiltered = Object.keys(query).length > 1;
  useShortcut("n", t("add"), () => setDialog("add"), mayManage);

  return (
    <div className="grid min-w-0 gap-4">
      <PageHeader
        title={t("title")}
        actions={
          <>
            <Can permission="manage_subjects">
              <Button variant="outline" onClick={() => setDialog("import")}>
                {t("import.open")}
              </Button>
            </Can>
            <Can permission="export_subjects">
              <Button variant="outline" onClick={() => setDialog("export")}>
                {t("export.open")}
              </Button>
            </Can>
            <Can permission="manage_subjects">
              <Button onClick={() => setDialog("add")}>
                <Plus aria-hidden />
                {t("add")}
              </Button>
            </Can>
          </>
        }
      />
      <SubjectFilters
        state={state}
        onChange={setAddress}
        count={typeof total === "number" ? t("count", { count: total }) : ""}
      />
      {found.isError && !found.data ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : subjects.length === 0 && !found.isPending ? (
        <EmptyState
          icon={UserRoundPlus}
          title={t(isFiltered ? "nothing" : "none")}
          description={t(isFiltered ? "nothingHint" : "noneHint")}
        />
      ) : (
        <SubjectGallery
          subjects={subjects}
          view={state.view}
          isLoading={found.isPending}
          hasMore={found.hasNextPage}
          isLoadingMore={found.isFetchingNextPage}
          onMore={() => void found.fetchNextPage()}
          onPictureFailed={readAgain}
          selection={mayManage ? { selected, onChange: setSelected } : undefined}
        />
      )}
      <BulkBar selected={selected} onChange={setSelected} />
      {dialog === "add" && <NewSubjectDialog watchlistId={state.watchlist} onClose={() => setDialog(null)} />}
      {dialog === "export" && <ExportDialog filters={state} selected={selected} onClose={() => setDialog(null)} />}
      {(dialog === "import" || (state.import && mayManage)) && (
        <ImportDialog
          jobId={state.import}
          onJob={(job) => {
            setDialog("import");
            setAddress({ import: job }, { replace: true });
          }}
          onClose={() => {
            setDialog(null);
            setAddress({ import: undefined }, { replace: true });
          }}
        />
      )}
      {state.receipt && (
        <ReceiptDialog
          erasureId={state.receipt}
          onClose={() => setAddress({ receipt: undefined }, { replace: true })}
        />
      )}
    </div>
  );
}
