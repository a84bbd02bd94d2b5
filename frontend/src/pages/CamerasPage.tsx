import { useMemo, useState } from "react";
import { Camera, FolderTree, ListPlus, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { Can } from "@/components/can";
import { Combobox } from "@/components/combobox";
import { EmptyState } from "@/components/empty-state";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { PageHeader } from "@/components/page-header";
import { SearchInput } from "@/components/search-input";
import { Button } from "@/components/ui/button";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { useCameraCounts } from "@/features/cameras/api/use-camera-counts";
import { useNormalRate } from "@/features/cameras/api/use-camera-stats";
import { useCameraGroups, useCameras } from "@/features/cameras/api/use-cameras";
import { CameraBulkBar } from "@/features/cameras/components/camera-bulk-bar";
import { AddCamera } from "@/features/cameras/components/CameraForm";
import { CameraGrid } from "@/features/cameras/components/CameraGrid";
import { GroupsDialog } from "@/features/cameras/components/groups-dialog";
import { ImportDialog } from "@/features/cameras/components/import-dialog";
import { CAMERA_STATES, camerasAddress } from "@/features/cameras/lib/address";
import { useAuth } from "@/hooks/use-auth";
import { useUrlState } from "@/hooks/use-url-state";
import { formatNumber } from "@/lib/format";

const ANY = "any";

export function Component() {
  const { t } = useTranslation("cameras");
  const [{ dialog }, setAddress] = useUrlState(camerasAddress);
  const close = () => setAddress({ dialog: "", step: "address" }, { replace: true });
  return (
    <div className="grid grid-cols-1 gap-4">
      <PageHeader
        title={t("title")}
        actions={
          <Can permission="manage_cameras">
            <Button variant="ghost" onClick={() => setAddress({ dialog: "groups" })}>
              <FolderTree aria-hidden />
              {t("groups.title")}
            </Button>
            <Button variant="outline" onClick={() => setAddress({ dialog: "import" })}>
              <ListPlus aria-hidden />
              {t("import.title")}
            </Button>
            <Button onClick={() => setAddress({ dialog: "add" })}>
              <Plus aria-hidden />
              {t("add")}
            </Button>
          </Can>
        }
      />
      <Filters />
      <Cameras />
      <Can permission="manage_cameras">
        {dialog === "add" && <AddCamera onClose={close} />}
        {dialog === "import" && <ImportDialog onClose={close} />}
        {dialog === "groups" && <GroupsDialog onClose={close} />}
      </Can>
    </div>
  );
}

function Filters() {
  const { t } = useTranslation("cameras");
  const [{ q, status, group }, setAddress] = useUrlState(camerasAddress);
  const groups = useCameraGroups();
  const typed = q.trim();
  const counts = useCameraCounts({ ...(typed ? { q: typed } : {}), ...(group ? { group_id: group } : {}) });
  const counted = (label: string, count: number | undefined) =>
    count === undefined ? label : t("counted", { label, count: formatNumber(count) });
  return (
    <div className="flex flex-wrap gap-2" role="search" aria-label={t("filters")}>
      <SearchInput
        className="w-full sm:w-64"
        placeholder={t("search")}
        aria-label={t("search")}
        value={q}
        onChange={(q) => setAddress({ q }, { replace: true })}
      />
      <Select
        value={status ?? ANY}
        onValueChange={(chosen) =>
          setAddress({ status: chosen === ANY ? undefined : camerasAddress.shape.status.parse(chosen) })
        }
      >
        <SelectTrigger aria-label={t("status")} className="flex-1 sm:w-48 sm:flex-none">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          <SelectItem value={ANY}>{counted(t("anyStatus"), counts.all)}</SelectItem>
          {CAMERA_STATES.map((state) => (
            <SelectItem key={state} value={state}>
              {counted(t(`filter.${state}`), counts[state])}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
      <Combobox
        className="flex-1 sm:w-44 sm:flex-none"
        aria-label={t("group")}
        placeholder={t("group")}
        value={group || null}
        onChange={(id) => setAddress({ group: id ?? "" })}
        options={groups.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      />
    </div>
  );
}

function Cameras() {
  const { t } = useTranslation("cameras");
  const { hasPermission } = useAuth();
  const navigate = useNavigate();
  const [{ q, status, group, sort }, setAddress] = useUrlState(camerasAddress);
  const typed = q.trim();
  const cameras = useCameras({
    ...(typed ? { q: typed } : {}),
    ...(status ? { status } : {}),
    ...(group ? { group_id: group } : {}),
    ...(sort === "name" ? {} : { sort }),
  });
  const groups = useCameraGroups();
  const rows = useMemo(() => cameras.data?.pages.flatMap((page) => page.items) ?? [], [cameras.data]);
  const groupNames = useMemo(() => new Map(groups.data?.items.map(({ id, name }) => [id, name])), [groups.data]);
  const normalRate = useNormalRate(rows[0]?.id);
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const mayManage = hasPermission("manage_cameras");

  if (cameras.isError && !cameras.data)
    return <ErrorState error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (!cameras.isPending && rows.length === 0) {
    const isFiltered = Boolean(typed || status || group);
    return (
      <EmptyState
        icon={Camera}
        title={isFiltered ? t("noneFits") : t("none")}
        description={isFiltered ? t("noneFitsHint") : t("noneHint")}
        action={!isFiltered && mayManage && <Button onClick={() => setAddress({ dialog: "add" })}>{t("add")}</Button>}
      />
    );
  }
  return (
    <>
      <CameraGrid
        cameras={rows}
        isLoading={cameras.isPending}
        groupNames={groupNames}
        normalRate={normalRate}
        sort={{ key: sort.replace(/^-/, ""), direction: sort.startsWith("-") ? "desc" : "asc" }}
        onSort={({ key, direction }) => setAddress({ sort: direction === "desc" ? `-${key}` : key })}
        selection={mayManage ? { selected: chosen, onChange: setChosen } : undefined}
        onOpen={({ id }) => void navigate(`/cameras/${id}`)}
      />
      {cameras.hasNextPage && (
        <LoadMore needsButton isLoading={cameras.isFetchingNextPage} onMore={() => void cameras.fetchNextPage()} />
      )}
      {chosen.size > 0 && <CameraBulkBar chosen={chosen} onClear={() => setChosen(new Set())} />}
    </>
  );
}
