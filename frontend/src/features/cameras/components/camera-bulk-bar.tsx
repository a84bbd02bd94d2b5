import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { BulkItem, CameraBulkIn } from "@/client/types.gen";
import { Combobox } from "@/components/combobox";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Button } from "@/components/ui/button";
import { toast, toastError } from "@/lib/toast";

import { useCameraGroups } from "../api/use-cameras";
import { useChangeCameras } from "../api/use-change-cameras";

const NO_GROUP = "none";
const PER_CALL = 500; // the API's limit

interface Props {
  chosen: Set<string>;
  onClear: () => void;
}

/** The same with all chosen cameras; says how many it did not fit. */
export function CameraBulkBar({ chosen, onClear }: Props) {
  const { t } = useTranslation("cameras");
  const change = useChangeCameras();
  const groups = useCameraGroups();
  const [isRemoving, setRemoving] = useState(false);

  async function act(part: Omit<CameraBulkIn, "ids">) {
    const ids = [...chosen];
    const items: BulkItem[] = [];
    for (let from = 0; from < ids.length; from += PER_CALL)
      items.push(...(await change.mutateAsync({ ids: ids.slice(from, from + PER_CALL), ...part })));
    const refused = items.find((item) => !item.done);
    const done = items.filter((item) => item.done).length;
    if (refused) toast.warning(t("bulk.some", { done, all: items.length }), { description: refused.detail });
    else toast.success(t("bulk.done", { count: done }));
    onClear();
  }
  const say = (part: Omit<CameraBulkIn, "ids">) => void act(part).catch(toastError);

  return (
    <div
      role="region"
      aria-label={t("bulk.label")}
      className="sticky bottom-3 z-10 flex flex-wrap items-center gap-2 rounded-lg border bg-popover px-3 py-2"
    >
      <span className="me-auto">{t("bulk.chosen", { count: chosen.size })}</span>
      <Button variant="outline" onClick={() => say({ action: "enable" })}>
        {t("enable")}
      </Button>
      <Button variant="outline" onClick={() => say({ action: "disable" })}>
        {t("disable")}
      </Button>
      <Combobox
        className="w-44"
        aria-label={t("bulk.move")}
        placeholder={t("bulk.move")}
        value={null}
        onChange={(id) => id && say({ action: "set_group", group_id: id === NO_GROUP ? null : id })}
        options={[
          { value: NO_GROUP, label: t("bulk.noGroup") },
          ...(groups.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []),
        ]}
      />
      <Button variant="destructive" onClick={() => setRemoving(true)}>
        {t("remove")}
      </Button>
      <Button variant="ghost" onClick={onClear}>
        {t("bulk.clear")}
      </Button>
      <ConfirmDialog
        open={isRemoving}
        onOpenChange={setRemoving}
        title={t("bulk.removeTitle", { count: chosen.size })}
        description={t("removeHint")}
        confirmLabel={t("remove")}
        destructive
        onConfirm={() => act({ action: "delete" })}
      />
    </div>
  );
}
