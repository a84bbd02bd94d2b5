import type { ReactNode } from "react";
import { CheckCheck, Eye, UserRoundPlus, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Label } from "@/components/ui/label";

import type { Handling } from "../api/use-handling";
import { AssignMenu } from "./assign-menu";

interface Props {
  canHandle: boolean;
  /** Stands at the end while nothing is selected. */
  order: ReactNode;
  selected: ReadonlySet<string>;
  /** How many of the queue are loaded, and whether all of them are selected. */
  loaded: number;
  onAll: (all: boolean) => void;
  onAcknowledge: () => void;
  onResolve: () => void;
  onAssign: Handling["assign"];
  isBusy: boolean;
}

/** What is done with those that are selected. */
export function BulkBar({
  canHandle,
  order,
  selected,
  loaded,
  onAll,
  onAcknowledge,
  onResolve,
  onAssign,
  isBusy,
}: Props) {
  const { t } = useTranslation("alerts");
  const [first] = selected;
  const isAll = selected.size > 0 && selected.size === loaded;
  return (
    <div
      role="toolbar"
      aria-label={t("bulk.label")}
      className="flex min-h-10 flex-wrap items-center gap-1.5 border-b bg-card px-4 py-1"
    >
      {canHandle && (
        <Label className="flex min-h-6 items-center gap-2.5 font-normal">
          <Checkbox
            checked={isAll ? true : selected.size > 0 ? "indeterminate" : false}
            onCheckedChange={(checked) => onAll(checked === true)}
          />
          {selected.size ? t("bulk.selected", { count: selected.size }) : t("bulk.selectAll")}
        </Label>
      )}
      {first === undefined ? (
        <div className="ms-auto">{order}</div>
      ) : (
        <div className="ms-auto flex flex-wrap items-center gap-1">
          <Button variant="outline" size="sm" loading={isBusy} onClick={onAcknowledge}>
            <Eye aria-hidden />
            {t("action.acknowledge")}
          </Button>
          <Button variant="outline" size="sm" disabled={isBusy} onClick={onResolve}>
            <CheckCheck aria-hidden />
            {t("action.resolve")}
          </Button>
          <AssignMenu alertId={first} onAssign={(person) => void onAssign([...selected], person)}>
            <Button variant="outline" size="icon-sm" disabled={isBusy} aria-label={t("action.assign")}>
              <UserRoundPlus aria-hidden />
            </Button>
          </AssignMenu>
          <Button variant="ghost" size="icon-sm" aria-label={t("bulk.clear")} onClick={() => onAll(false)}>
            <X aria-hidden />
          </Button>
        </div>
      )}
    </div>
  );
}
