import { useState, type ReactNode } from "react";
import { Maximize, ScanFace } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { CameraOut, CameraStatus } from "@/client/types.gen";
import { Combobox } from "@/components/combobox";
import { SearchInput } from "@/components/search-input";
import { Button } from "@/components/ui/button";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { useAuth } from "@/hooks/use-auth";
import { useSettled } from "@/hooks/use-settled";

import { useCameraChoice, useGroups } from "../api/use-tiles";
import { MOST_COLUMNS, MOST_TILES } from "../lib/arrangement";
import { CAN_FILL } from "../lib/use-fullscreen";

interface LiveAddress {
  q: string;
  group: string;
  status?: CameraStatus;
  camera: string[];
  cols: number;
  overlay: boolean;
  layout: string;
}

interface Props {
  address: LiveAddress;
  onChange: (change: Partial<LiveAddress>, options?: { replace?: boolean }) => void;
  tiles: CameraOut[];
  onFullscreen: () => void;
  /** The menu of layouts. */
  children: ReactNode;
}

const ANY = "any";
const STATUSES = ["active", "inactive", "error"] as const;

export function LiveToolbar({ address, onChange, tiles, onFullscreen, children }: Props) {
  const { t } = useTranslation("live");
  const { hasPermission } = useAuth();
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchInput
        dir="auto"
        className="w-full sm:w-52"
        aria-label={t("toolbar.search")}
        placeholder={t("toolbar.search")}
        value={address.q}
        onChange={(q) => onChange({ q }, { replace: true })}
      />
      <GroupSelect value={address.group} onChange={(group) => onChange({ group })} />
      <Select
        value={address.status ?? ANY}
        onValueChange={(value) => onChange({ status: STATUSES.find((one) => one === value) })}
      >
        <SelectTrigger aria-label={t("toolbar.status")} className="w-auto min-w-28">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          <SelectItem value={ANY}>{t("toolbar.anyStatus")}</SelectItem>
          {STATUSES.map((status) => (
            <SelectItem key={status} value={status}>
              {t(`status.${status}`)}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
      <CameraChoice chosen={address.camera} tiles={tiles} onChange={(camera) => onChange({ camera })} />
      <div className="flex flex-wrap items-center gap-2 sm:ms-auto">
        {hasPermission("read_sightings") && (
          <Button
            variant={address.overlay ? "secondary" : "outline"}
            aria-pressed={address.overlay}
            onClick={() => onChange({ overlay: !address.overlay })}
          >
            <ScanFace aria-hidden />
            {t("overlay.label")}
          </Button>
        )}
        <ColumnSelect value={address.cols} onChange={(cols) => onChange({ cols })} />
        {children}
        {CAN_FILL && (
          <Button variant="outline" size="icon" aria-label={t("toolbar.fullscreen")} onClick={onFullscreen}>
            <Maximize aria-hidden />
          </Button>
        )}
      </div>
    </div>
  );
}

function GroupSelect({ value, onChange }: { value: string; onChange: (group: string) => void }) {
  const { t } = useTranslation("live");
  const groups = useGroups();
  if (!groups.data?.items.length) return null;
  return (
    <Select value={value || ANY} onValueChange={(chosen) => onChange(chosen === ANY ? "" : chosen)}>
      <SelectTrigger aria-label={t("toolbar.group")} className="w-auto max-w-52 min-w-32">
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        <SelectItem value={ANY}>{t("toolbar.allGroups")}</SelectItem>
        {groups.data.items.map(({ id, name }) => (
          <SelectItem key={id} value={id}>
            <bdi>{name}</bdi>
          </SelectItem>
        ))}
        <SelectItem value="none">{t("toolbar.noGroup")}</SelectItem>
      </SelectContent>
    </Select>
  );
}

function ColumnSelect({ value, onChange }: { value: number; onChange: (columns: number) => void }) {
  const { t } = useTranslation("live");
  return (
    <Select value={String(value)} onValueChange={(chosen) => onChange(Number(chosen))}>
      <SelectTrigger aria-label={t("toolbar.columns")} className="w-auto min-w-20">
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        {Array.from({ length: MOST_COLUMNS + 1 }, (_, columns) => (
          <SelectItem key={columns} value={String(columns)}>
            {columns === 0 ? t("toolbar.auto") : columns}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}

interface ChoiceProps {
  chosen: string[];
  tiles: CameraOut[];
  onChange: (ids: string[]) => void;
}

function CameraChoice({ chosen, tiles, onChange }: ChoiceProps) {
  const { t } = useTranslation("live");
  const [text, setText] = useState("");
  const found = useCameraChoice(useSettled(text));
  const options = (list: CameraOut[]) =>
    list.map(({ id, name, location }) => ({ value: id, label: name, description: location || undefined }));
  return (
    <Combobox
      multiple
      className="w-auto max-w-60 min-w-36"
      aria-label={t("toolbar.choose")}
      title={t("toolbar.chooseHint", { most: MOST_TILES })}
      placeholder={t("toolbar.all")}
      searchPlaceholder={t("toolbar.searchCamera")}
      value={chosen}
      onChange={(ids) => onChange(ids.slice(0, MOST_TILES))}
      onSearch={setText}
      isLoading={found.isPending}
      options={options(found.data?.items ?? [])}
      chosen={options(tiles)}
    />
  );
}
