import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { SubjectOut } from "@/client/types.gen";
import { Combobox } from "@/components/combobox";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { FaceThumb } from "@/components/face-thumb";
import { Timestamp } from "@/components/timestamp";
import { Label } from "@/components/ui/label";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { formatNumber } from "@/lib/format";
import { toast } from "@/lib/toast";

import { useMergeSubjects } from "../api/use-merge-subjects";
import { useSubject } from "../api/use-subject";
import { useSubjects } from "../api/use-subjects";
import { ListBadge } from "./subject-badges";

interface Props {
  /** Stays. */
  kept: SubjectOut;
  /** Goes into it, where that is known already. */
  otherId?: string;
  onClose: () => void;
}

/** Two entries are one person: search the other, compare, type the name of the one that goes. */
export function MergeDialog({ kept, otherId, onClose }: Props) {
  const { t } = useTranslation("subjects");
  const [chosen, setChosen] = useState<string | null>(otherId ?? null);
  const [q, setQ] = useState("");
  const found = useSubjects(q.trim() ? { q: q.trim(), sort: "-relevance" } : { sort: "name" });
  const others = (found.data?.pages[0]?.items ?? []).filter(({ id }) => id !== kept.id);
  const other = useChosen(chosen, others);
  const [list, setList] = useState<"kept" | "emptied">("kept");
  const merge = useMergeSubjects();
  const listsDiffer = other !== null && other.watchlist_id !== kept.watchlist_id;

  async function confirm() {
    if (!other) return;
    await merge.mutateAsync({ keptId: kept.id, emptied_id: other.id, ...(listsDiffer && { watchlist: list }) });
    toast.success(t("merge.done", { name: kept.name }));
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t("merge.title", { name: kept.name })}
      description={t("merge.hint")}
      confirmLabel={t("merge.confirm")}
      destructive
      requireText={other?.name ?? t("merge.nobody")}
      onConfirm={confirm}
    >
      <div className="grid gap-3">
        {!otherId && (
          <Combobox
            aria-label={t("merge.other")}
            placeholder={t("merge.other")}
            options={others.map(({ id, name, external_id }) => ({
              value: id,
              label: name,
              description: external_id ?? undefined,
            }))}
            chosen={other ? [{ value: other.id, label: other.name }] : undefined}
            onSearch={setQ}
            isLoading={found.isLoading}
            value={chosen}
            onChange={setChosen}
          />
        )}
        <div className="grid grid-cols-2 gap-3">
          <Side title={t("merge.stays")} subject={kept} />
          {other && <Side title={t("merge.goes")} subject={other} />}
        </div>
        {listsDiffer && (
          <fieldset className="grid gap-2">
            <legend className="mb-1 font-medium">{t("merge.whichList")}</legend>
            <RadioGroup value={list} onValueChange={(value) => setList(value === "kept" ? "kept" : "emptied")}>
              {(["kept", "emptied"] as const).map((which) => (
                <Label key={which} className="font-normal">
                  <RadioGroupItem value={which} />
                  <bdi>{(which === "kept" ? kept : other).watchlist_name ?? t("noList")}</bdi>
                </Label>
              ))}
            </RadioGroup>
          </fieldset>
        )}
      </div>
    </ConfirmDialog>
  );
}

function useChosen(id: string | null, others: SubjectOut[]): SubjectOut | null {
  const [last, setLast] = useState<SubjectOut | null>(null);
  const listed = others.find((one) => one.id === id) ?? null;
  if (listed && listed !== last) setLast(listed);
  const read = useSubject(id, listed === null && last?.id !== id);
  if (id === null) return null;
  return listed ?? (last?.id === id ? last : null) ?? read.data ?? null;
}

function Side({ title, subject }: { title: string; subject: SubjectOut }) {
  const { t } = useTranslation("subjects");
  return (
    <section aria-label={title} className="grid min-w-0 content-start gap-1.5 rounded-lg border p-2">
      <h3 className="text-xs text-muted-foreground">{title}</h3>
      <FaceThumb src={subject.portrait_url ?? null} alt={subject.name} size="lg" />
      <span dir="auto" className="truncate font-medium" title={subject.name}>
        {subject.name}
      </span>
      <ListBadge subject={subject} />
      <dl className="grid grid-cols-[auto_1fr] gap-x-2 text-xs">
        <dt className="text-muted-foreground">{t("pictures")}</dt>
        <dd>{formatNumber(subject.images)}</dd>
        <dt className="text-muted-foreground">{t("since")}</dt>
        <dd>
          <Timestamp value={subject.created_at} format="date" />
        </dd>
      </dl>
    </section>
  );
}
