import { useEffect, useRef, useState, type SyntheticEvent } from "react";
import { Pencil, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { CameraGroupOut } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { Skeleton } from "@/components/ui/skeleton";
import { useUrlState } from "@/hooks/use-url-state";
import { toastError } from "@/lib/toast";

import { useCameraGroups } from "../api/use-cameras";
import { useCreateGroup, useDeleteGroup, useRenameGroup } from "../api/use-groups";
import { camerasAddress } from "../lib/address";

/** Groups limit who sees which cameras. */
export function GroupsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("cameras");
  const groups = useCameraGroups();
  const create = useCreateGroup();
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
                <GroupRow key={group.id} group={group} onShow={onClose} />
              ))}
            </ul>
          )}
        </QueryView>
      </DialogContent>
    </Dialog>
  );
}

function GroupRow({ group, onShow }: { group: CameraGroupOut; onShow: () => void }) {
  const { t } = useTranslation("cameras");
  const remove = useDeleteGroup();
  const [, setAddress] = useUrlState(camerasAddress);
  const [isNaming, setNaming] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  if (isNaming) return <GroupName group={group} onDone={() => setNaming(false)} />;
  return (
    <li className="flex items-center gap-2 px-3 py-1.5">
      <bdi className="min-w-0 flex-1 truncate" title={group.name}>
        {group.name}
      </bdi>
      <Button
        size="sm"
        variant="ghost"
        aria-label={t("groups.show", { name: group.name })}
        onClick={() => {
          onShow();
          setAddress({ group: group.id });
        }}
      >
        {t("groups.cameras", { count: group.cameras })}
      </Button>
      <Button
        size="icon-sm"
        variant="ghost"
        aria-label={t("groups.rename", { name: group.name })}
        onClick={() => setNaming(true)}
      >
        <Pencil aria-hidden />
      </Button>
      <Button
        size="icon-sm"
        variant="ghost"
        aria-label={t("groups.remove", { name: group.name })}
        onClick={() => setRemoving(true)}
      >
        <Trash2 aria-hidden />
      </Button>
      <ConfirmDialog
        open={isRemoving}
        onOpenChange={setRemoving}
        title={t("groups.removeTitle", { name: group.name })}
        description={t("groups.removeHint")}
        confirmLabel={t("common:delete")}
        destructive
        onConfirm={() => remove.mutateAsync(group.id)}
      />
    </li>
  );
}

function GroupName({ group, onDone }: { group: CameraGroupOut; onDone: () => void }) {
  const { t } = useTranslation("cameras");
  const rename = useRenameGroup();
  const [name, setName] = useState(group.name);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    rename.mutate({ groupId: group.id, name: name.trim() }, { onSuccess: onDone, onError: toastError });
  }

  return (
    <li className="px-3 py-1.5">
      <form onSubmit={submit} className="flex items-center gap-2">
        <Input
          ref={input}
          dir="auto"
          maxLength={200}
          aria-label={t("groups.rename", { name: group.name })}
          value={name}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.stopPropagation(); // the dialog stays
            onDone();
          }}
        />
        <Button type="submit" size="sm" disabled={!name.trim()} loading={rename.isPending}>
          {t("common:save")}
        </Button>
        <Button size="sm" variant="ghost" onClick={onDone}>
          {t("common:cancel")}
        </Button>
      </form>
    </li>
  );
}
