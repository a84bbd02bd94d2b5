import { useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { SubjectOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { isApiError } from "@/lib/errors";
import { applyFieldErrors } from "@/lib/form-errors";
import { toast, toastError } from "@/lib/toast";

import { useCreateSubject } from "../api/use-create-subject";
import { useEditedSubject, useUpdateSubject } from "../api/use-update-subject";
import { NEW, valuesOf, written } from "../lib/values";
import { FaceUpload } from "./face-upload";
import { SubjectForm, type SubjectValues } from "./subject-form";

/** First who it is, then pictures at once: nobody is recognised without. */
export function NewSubjectDialog({ watchlistId, onClose }: { watchlistId?: number; onClose: () => void }) {
  const { t } = useTranslation("subjects");
  const create = useCreateSubject();
  const [made, setMade] = useState<SubjectOut | null>(null);
  const initial = { ...NEW, watchlist_id: watchlistId === undefined ? null : String(watchlistId) };

  async function submit(values: SubjectValues, form: UseFormReturn<SubjectValues>) {
    try {
      setMade(await create.mutateAsync(written(values)));
    } catch (error) {
      refused(error, form, t("form.taken"));
    }
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent className="sm:max-w-2xl">
        <DialogHeader>
          <DialogTitle>{made ? t("picturesOf", { name: made.name }) : t("add")}</DialogTitle>
          <DialogDescription>{t(made ? "form.picturesHint" : "form.newHint")}</DialogDescription>
        </DialogHeader>
        {made ? (
          <>
            <FaceUpload subject={made} />
            <DialogFooter>
              <Button variant="outline" asChild>
                <Link to={`/subjects/${made.id}`}>{t("open")}</Link>
              </Button>
              <Button onClick={onClose}>{t("common:done")}</Button>
            </DialogFooter>
          </>
        ) : (
          <SubjectForm initial={initial} submitLabel={t("form.create")} onSubmit={submit} onCancel={onClose} />
        )}
      </DialogContent>
    </Dialog>
  );
}

export function EditSubjectDialog({ subjectId, onClose }: { subjectId: string; onClose: () => void }) {
  const { t } = useTranslation("subjects");
  const update = useUpdateSubject();
  const current = useEditedSubject(subjectId);

  async function submit(before: SubjectOut, etag: string, values: SubjectValues, form: UseFormReturn<SubjectValues>) {
    try {
      await update.mutateAsync({ subjectId, etag, body: written(values, before) });
      toast.success(t("common:saved"));
      onClose();
    } catch (error) {
      refused(error, form, t("form.taken"));
      // What was typed stays; the next attempt goes by what is there now.
      if (isApiError(error, "precondition_failed")) void current.refetch();
    }
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent className="sm:max-w-2xl">
        <DialogHeader>
          <DialogTitle>{t("edit")}</DialogTitle>
          <DialogDescription>{t("form.editHint")}</DialogDescription>
        </DialogHeader>
        <QueryView query={current} skeleton={<Skeleton className="h-96 w-full" />}>
          {({ data, etag }) => (
            <SubjectForm
              initial={valuesOf(data)}
              submitLabel={t("common:save")}
              onSubmit={(values, form) => submit(data, etag, values, form)}
              onCancel={onClose}
            />
          )}
        </QueryView>
      </DialogContent>
    </Dialog>
  );
}

function refused(error: unknown, form: UseFormReturn<SubjectValues>, taken: string) {
  if (isApiError(error, "conflict"))
    form.setError("external_id", { type: "server", message: taken }, { shouldFocus: true });
  else if (!applyFieldErrors(form, error, { metadata: "notes" })) toastError(error);
}
