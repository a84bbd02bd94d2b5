import { useState } from "react";
import { LayoutGrid, Pencil, Save, SaveAll, Share2, Star, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { LayoutOut } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { toast, toastError } from "@/lib/toast";

import { useDeleteLayout, useUpdateLayout } from "../api/use-layouts";
import { arrangementOf, isSame, type Arrangement } from "../lib/arrangement";
import { LayoutDialog } from "./layout-dialog";

interface Props {
  layouts: LayoutOut[];
  current: LayoutOut | undefined;
  arrangement: Arrangement;
  onChoose: (layout: LayoutOut | null) => void;
}

/** Saved layouts: choose, save, share, remove. */
export function LayoutMenu({ layouts, current, arrangement, onChoose }: Props) {
  const { t } = useTranslation("live");
  const [open, setOpen] = useState<"new" | "edit" | "delete" | null>(null);
  const update = useUpdateLayout();
  const remove = useDeleteLayout();
  const close = () => setOpen(null);
  const own = layouts.filter((one) => one.is_own);
  const others = layouts.filter((one) => !one.is_own);
  const isChanged = current !== undefined && !isSame(arrangementOf(current.content), arrangement);

  function saveChanges({ id, name, kind, is_shared, is_default }: LayoutOut) {
    update.mutate(
      { id, body: { name, kind, is_shared, is_default, content: arrangement } },
      { onSuccess: () => toast.success(t("layouts.saved")), onError: toastError },
    );
  }

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="outline" className="max-w-52" title={current?.name}>
            <LayoutGrid aria-hidden />
            <bdi className="truncate">{current ? `${current.name}${isChanged ? " *" : ""}` : t("layouts.title")}</bdi>
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end" className="max-h-96 w-64 overflow-y-auto">
          {layouts.length === 0 && <DropdownMenuLabel>{t("layouts.none")}</DropdownMenuLabel>}
          <DropdownMenuRadioGroup
            value={current?.id ?? ""}
            onValueChange={(id) => onChoose(layouts.find((one) => one.id === id) ?? null)}
          >
            {own.length > 0 && <DropdownMenuLabel>{t("layouts.mine")}</DropdownMenuLabel>}
            {own.map((layout) => (
              <Row key={layout.id} layout={layout} />
            ))}
            {others.length > 0 && <DropdownMenuLabel>{t("layouts.shared")}</DropdownMenuLabel>}
            {others.map((layout) => (
              <Row key={layout.id} layout={layout} />
            ))}
          </DropdownMenuRadioGroup>
          <DropdownMenuSeparator />
          {current?.is_own && isChanged && (
            <DropdownMenuItem onSelect={() => saveChanges(current)}>
              <Save aria-hidden />
              <bdi className="truncate">{t("layouts.update", { name: current.name })}</bdi>
            </DropdownMenuItem>
          )}
          <DropdownMenuItem onSelect={() => setOpen("new")}>
            <SaveAll aria-hidden />
            {t("layouts.save")}
          </DropdownMenuItem>
          {current?.is_own && (
            <>
              <DropdownMenuItem onSelect={() => setOpen("edit")}>
                <Pencil aria-hidden />
                {t("layouts.edit")}
              </DropdownMenuItem>
              <DropdownMenuItem onSelect={() => setOpen("delete")}>
                <Trash2 aria-hidden />
                {t("layouts.delete")}
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      {(open === "new" || open === "edit") && (
        <LayoutDialog
          layout={open === "edit" ? current : undefined}
          arrangement={arrangement}
          onSaved={onChoose}
          onClose={close}
        />
      )}
      {current && (
        <ConfirmDialog
          open={open === "delete"}
          onOpenChange={(is) => !is && close()}
          destructive
          title={t("layouts.deleteTitle", { name: current.name })}
          description={t("layouts.deleteHint")}
          confirmLabel={t("layouts.delete")}
          onConfirm={async () => {
            await remove.mutateAsync(current.id);
            onChoose(null);
            toast.success(t("layouts.deleted"));
          }}
        />
      )}
    </>
  );
}

function Row({ layout }: { layout: LayoutOut }) {
  const { t } = useTranslation("live");
  return (
    <DropdownMenuRadioItem value={layout.id}>
      <span className="grid min-w-0 flex-1">
        <bdi className="truncate" title={layout.name}>
          {layout.name}
        </bdi>
        {!layout.is_own && layout.owner_name && (
          <span className="truncate text-xs text-muted-foreground">{t("layouts.by", { name: layout.owner_name })}</span>
        )}
      </span>
      {layout.is_own && layout.is_default && <Star aria-label={t("layouts.isDefault")} />}
      {layout.is_own && layout.is_shared && <Share2 aria-label={t("layouts.isShared")} />}
    </DropdownMenuRadioItem>
  );
}
