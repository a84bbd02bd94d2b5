import { CircleCheck, CircleX } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AlertOut, BulkItem } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";

interface Props {
  items: BulkItem[] | null;
  /** What is known of them, by id. */
  known: ReadonlyMap<string, AlertOut>;
  onClose: () => void;
}

/** Of several, how it went with each. */
export function OutcomeDialog({ items, known, onClose }: Props) {
  const { t } = useTranslation("alerts");
  const failed = items?.filter((item) => !item.done).length ?? 0;
  return (
    <Dialog open={items !== null} onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("bulk.failed", { count: failed })}</DialogTitle>
          <DialogDescription>{t("bulk.failedHint")}</DialogDescription>
        </DialogHeader>
        <ul className="grid max-h-80 gap-px overflow-y-auto rounded-md border bg-border">
          {items?.map((item) => (
            <Line key={item.id} item={item} alert={known.get(item.id)} />
          ))}
        </ul>
        <DialogFooter>
          <DialogClose asChild>
            <Button>{t("common:close")}</Button>
          </DialogClose>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

function Line({ item, alert }: { item: BulkItem; alert: AlertOut | undefined }) {
  const { t } = useTranslation("alerts");
  const Icon = item.done ? CircleCheck : CircleX;
  return (
    <li className="flex items-start gap-2 bg-card px-3 py-2">
      <Icon aria-hidden className={item.done ? "mt-0.5 size-4 text-success" : "mt-0.5 size-4 text-destructive"} />
      <span className="grid min-w-0 flex-1">
        <span className="truncate">
          {alert ? (
            <>
              <bdi>{alert.subject_name ?? t("common:unknownPerson")}</bdi> · <bdi>{alert.camera_name}</bdi>
            </>
          ) : (
            <code className="text-xs">{item.id}</code>
          )}
        </span>
        <span className="text-xs text-muted-foreground">{item.done ? t("common:done") : <Reason item={item} />}</span>
      </span>
    </li>
  );
}

function Reason({ item }: { item: BulkItem }) {
  const { t } = useTranslation("alerts");
  if (item.code === "conflict") return t("bulk.conflict");
  return t(`common:code.${item.code}`, { defaultValue: item.detail ?? item.code ?? "" });
}
