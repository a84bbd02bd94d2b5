import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import type { SubjectOut } from "@/client/types.gen";
import { DataTable, type Column } from "@/components/data-table";
import { FaceThumb } from "@/components/face-thumb";
import { LoadMore } from "@/components/load-more";
import { TimeAgo } from "@/components/time-ago";
import { Skeleton } from "@/components/ui/skeleton";
import { VirtualGrid } from "@/components/virtual-grid";
import { formatNumber } from "@/lib/format";

import { ListBadge, StandingBadges } from "./subject-badges";
import { SubjectCard } from "./subject-card";

const COLUMN = 168; // px
const CARD = 270; // px

interface Props {
  subjects: SubjectOut[];
  view: "grid" | "list";
  isLoading: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
  onPictureFailed: () => void;
  /** Left out for whoever may not change people. */
  selection?: { selected: Set<string>; onChange: (selected: Set<string>) => void };
}

export function SubjectGallery(props: Props) {
  const { t } = useTranslation("subjects");
  const { subjects, view, isLoading, hasMore, isLoadingMore, onMore, onPictureFailed, selection } = props;
  if (view === "list") return <SubjectTable {...props} />;
  if (isLoading) return <GallerySkeleton />;
  return (
    <VirtualGrid
      name="subjects"
      label={t("title")}
      items={subjects}
      minColumnWidth={COLUMN}
      estimateSize={CARD}
      getKey={({ id }) => id}
      hasMore={hasMore}
      isLoadingMore={isLoadingMore}
      onMore={onMore}
      renderItem={(subject) => (
        <SubjectCard
          subject={subject}
          isSelected={selection?.selected.has(subject.id) ?? false}
          onSelect={
            selection && ((isSelected) => selection.onChange(changed(selection.selected, subject.id, isSelected)))
          }
          onPictureFailed={onPictureFailed}
        />
      )}
    />
  );
}

function changed(selected: Set<string>, id: string, isSelected: boolean): Set<string> {
  const next = new Set(selected);
  if (isSelected) next.add(id);
  else next.delete(id);
  return next;
}

function GallerySkeleton() {
  return (
    <div aria-busy="true" className="grid grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] gap-3">
      {Array.from({ length: 12 }, (_, index) => (
        <Skeleton key={index} className="h-67 rounded-lg" />
      ))}
    </div>
  );
}

function SubjectTable({ subjects, isLoading, hasMore, isLoadingMore, onMore, onPictureFailed, selection }: Props) {
  const { t } = useTranslation("subjects");
  const navigate = useNavigate();
  // The same columns at each drawing, or all rows would be drawn again with every box that is ticked.
  const columns = useMemo<Column<SubjectOut>[]>(
    () => [
      {
        id: "name",
        header: t("name"),
        cell: ({ name, portrait_url }) => (
          <span className="flex max-w-[45vw] min-w-0 sm:max-w-72 items-center gap-2">
            <FaceThumb src={portrait_url ?? null} alt={name} size="sm" onRetry={onPictureFailed} />
            <span dir="auto" className="truncate font-medium" title={name}>
              {name}
            </span>
          </span>
        ),
      },
      {
        id: "external",
        header: t("externalId"),
        cell: ({ external_id }) => (
          <span dir="auto" className="block max-w-56 truncate" title={external_id ?? undefined}>
            {external_id}
          </span>
        ),
        hideOnPhone: true,
      },
      { id: "list", header: t("watchlist"), cell: (subject) => <ListBadge subject={subject} />, hideOnPhone: true },
      {
        id: "standing",
        header: t("status"),
        cell: (subject) => (
          <span className="flex flex-wrap gap-1">
            <StandingBadges subject={subject} />
          </span>
        ),
        hideOnPhone: true,
      },
      { id: "images", header: t("pictures"), cell: ({ images }) => formatNumber(images), hideOnPhone: true },
      {
        id: "seen",
        header: t("lastSeen"),
        cell: ({ last_seen_at }) => (last_seen_at ? <TimeAgo value={last_seen_at} /> : t("neverSeen")),
      },
    ],
    [t, onPictureFailed],
  );
  return (
    <>
      <DataTable
        columns={columns}
        rows={subjects}
        getRowId={({ id }) => id}
        getRowLabel={({ name }) => name}
        caption={t("title")}
        isLoading={isLoading}
        selection={selection}
        onRowOpen={({ id }) => void navigate(`/subjects/${id}`)}
      />
      {hasMore && <LoadMore needsButton isLoading={isLoadingMore} onMore={onMore} />}
    </>
  );
}
