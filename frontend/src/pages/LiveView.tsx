import { useEffect, useRef } from "react";
import { Camera, Minimize, SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { z } from "zod";

import type { CameraOut, LayoutOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useLayouts } from "@/features/live/api/use-layouts";
import { useTiles } from "@/features/live/api/use-tiles";
import { LayoutMenu } from "@/features/live/components/layout-menu";
import { LiveGrid } from "@/features/live/components/live-grid";
import { LiveToolbar } from "@/features/live/components/live-toolbar";
import { arrangementOf, MOST_COLUMNS } from "@/features/live/lib/arrangement";
import { useFullscreen } from "@/features/live/lib/use-fullscreen";
import { useAuth } from "@/hooks/use-auth";
import { useShortcut } from "@/hooks/use-shortcut";
import { useUrlState } from "@/hooks/use-url-state";
import { formatNumber } from "@/lib/format";
import { cn } from "@/lib/utils";

const schema = z.object({
  q: z.string().default(""),
  group: z.string().default(""),
  status: z.enum(["active", "inactive", "error"]).optional(),
  camera: z.array(z.string()).default([]),
  cols: z.number().int().min(0).max(MOST_COLUMNS).default(0),
  overlay: z.boolean().default(false),
  layout: z.string().default(""),
});

const UNFILTERED = { q: "", group: "", status: undefined, camera: [], layout: "" };

export function Component() {
  const { t } = useTranslation("live");
  const { hasPermission } = useAuth();
  const [address, setAddress] = useUrlState(schema);
  const { q, group, status, camera, cols, overlay } = address;
  const wall = useRef<HTMLDivElement>(null);
  const [isFull, toggleFull] = useFullscreen(wall);
  const mayKeep = hasPermission("save_layouts");
  const layouts = useLayouts(mayKeep);
  const tiles = useTiles(camera, { q, group, status });
  const isFiltered = Boolean(q || group || status || camera.length > 0);

  const choose = (layout: LayoutOut | null, replace = false) => {
    if (!layout) return setAddress({ layout: "" }, { replace });
    const { cameras, columns, overlay: marks } = arrangementOf(layout.content);
    setAddress({ layout: layout.id, camera: cameras, cols: columns, overlay: marks }, { replace });
  };
  useDefaultLayout(layouts.data?.items, (layout) => choose(layout, true));
  useShortcut("m", t("shortcut.overlay"), () => setAddress({ overlay: !overlay }), hasPermission("read_sightings"));
  useShortcut("f", t("shortcut.fullscreen"), toggleFull);

  const wallOf = (cameras: CameraOut[]) => (
    <>
      {tiles.total > cameras.length && (
        <p role="status" className="pb-2 text-xs text-muted-foreground">
          {t("toolbar.more", { shown: formatNumber(cameras.length), count: formatNumber(tiles.total) })}
        </p>
      )}
      <LiveGrid
        cameras={cameras}
        columns={cols}
        overlay={overlay}
        isFull={isFull}
        onOrder={(ids) => setAddress({ camera: ids })}
        onRemove={(id) => setAddress({ camera: cameras.map((one) => one.id).filter((one) => one !== id) })}
      />
    </>
  );
  return (
    <div className="grid grid-cols-1 content-start gap-3">
      <PageHeader title={t("title")} />
      <LiveToolbar address={address} onChange={setAddress} tiles={tiles.data ?? []} onFullscreen={toggleFull}>
        {mayKeep && (
          <LayoutMenu
            layouts={layouts.data?.items ?? []}
            current={layouts.data?.items.find(({ id }) => id === address.layout)}
            arrangement={{ cameras: camera, columns: cols, overlay }}
            onChoose={choose}
          />
        )}
      </LiveToolbar>
      <div ref={wall} className={cn(isFull && "overflow-y-auto bg-background px-2")}>
        {isFull && (
          <Button variant="secondary" size="sm" className="fixed end-3 top-3 z-20" onClick={toggleFull}>
            <Minimize aria-hidden />
            {t("toolbar.leaveFullscreen")}
          </Button>
        )}
        <QueryView
          query={tiles}
          skeleton={<WallSkeleton />}
          isEmpty={(cameras) => cameras.length === 0}
          empty={<NoTiles isFiltered={isFiltered} onClear={() => setAddress(UNFILTERED)} />}
        >
          {wallOf}
        </QueryView>
      </div>
    </div>
  );
}

/** Opened without anything chosen, the view begins with the layout that its user wants first. */
function useDefaultLayout(layouts: LayoutOut[] | undefined, apply: (layout: LayoutOut) => void) {
  const isDone = useRef(location.search !== "");
  useEffect(() => {
    if (isDone.current || !layouts) return;
    isDone.current = true;
    const first = layouts.find((one) => one.is_own && one.is_default);
    if (first) apply(first);
  });
}

function WallSkeleton() {
  return (
    <div className="grid gap-2 sm:grid-cols-2">
      {[0, 1, 2, 3].map((tile) => (
        <Skeleton key={tile} className="aspect-video" />
      ))}
    </div>
  );
}

function NoTiles({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const { t } = useTranslation("live");
  if (isFiltered)
    return (
      <EmptyState
        icon={SearchX}
        title={t("empty.filtered")}
        description={t("empty.filteredHint")}
        action={
          <Button variant="outline" onClick={onClear}>
            {t("empty.clear")}
          </Button>
        }
      />
    );
  return (
    <EmptyState
      icon={Camera}
      title={t("empty.none")}
      description={t("empty.noneHint")}
      action={
        <Can permission="manage_cameras">
          <Button asChild>
            <Link to="/cameras?dialog=add">{t("empty.add")}</Link>
          </Button>
        </Can>
      }
    />
  );
}
