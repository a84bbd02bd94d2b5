import { useState, type SyntheticEvent } from "react";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { Skeleton } from "@/components/ui/skeleton";
import { toastError } from "@/lib/toast";

import { useCameraGroups } from "../api/use-cameras";
import { useCreateGroup, useDeleteGroup } from "../api/use-groups";

/** Groups limit who sees which cameras. */
export function GroupsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("cameras");
  const groups = useCameraGroups();
  const create = useCreateGroup();
  const remove = useDeleteGroup();
  const [name, setName] = useState("");

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    if (name.trim()) create.mutate({ name: name.trim() }, { onSuccess: () => setName(""), onError: toastError });
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("groups.title")}</DialogTitle>
          <DialogDescription>{t("groups.hint")}</DialogDescription>
        </DialogHeader>
        <form onSubmit={submit} className="flex items-end gap-2">
          <div className="grid flex-1 gap-1.5">
            <Label htmlFor="group-name">{t("groups.name")}</Label>
            <Input
              id="group-name"
              dir="auto"
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </div>
          <Button type="submit" disabled={!name.trim()} loading={create.isPending}>
            {t("common:add")}
          </Button>
        </form>
        <QueryView
          query={groups}
          skeleton={<Skeleton className="h-24 w-full" />}
          isEmpty={({ items }) => items.length === 0}
          empty={<p className="text-muted-foreground">{t("groups.none")}</p>}
        >
          {({ items }) => (
            <ul className="max-h-80 divide-y overflow-y-auto rounded-md border">
              {items.map((group) => (
                <li key={group.id} className="flex items-center gap-2 px-3 py-1.5">
                  <bdi className="min-w-0 flex-1 truncate">{group.name}</bdi>
                  <span className="text-muted-foreground">{t("groups.cameras", { count: group.cameras })}</span>
                  <Button
                    size="icon-sm"
                    variant="ghost"
                    aria-label={t("groups.remove", { name: group.name })}
                    onClick={() => remove.mutate(group.id, { onError: toastError })}
                  >
                    <Trash2 aria-hidden />
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </QueryView>
      </DialogContent>
    </Dialog>
  );
}
