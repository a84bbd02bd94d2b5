import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type { WatchlistIn, WatchlistOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { serverDate } from "@/lib/clock";
import { isApiError } from "@/lib/errors";
import { applyFieldErrors } from "@/lib/form-errors";
import { toast, toastError } from "@/lib/toast";

import { readWatchlist, useCreateWatchlist, useUpdateWatchlist } from "../api/use-watchlist-changes";
import { dayOf, endOf, freshTerms } from "../lib/terms";
import { WatchlistForm, type WatchlistValues } from "./watchlist-form";

export function NewWatchlistDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("watchlists");
  const create = useCreateWatchlist();
  const [initial] = useState<WatchlistValues>(() => {
    const { expires, review } = freshTerms(serverDate());
    return {
      name: "",
      description: "",
      color: "#d97706",
      priority: 3,
      is_active: true,
      legal_basis: "",
      approver: "",
      review_date: review,
      expires_at: expires,
    };
  });

  async function submit(values: WatchlistValues, form: UseFormReturn<WatchlistValues>) {
    try {
      await create.mutateAsync(written(values));
      toast.success(t("created"));
      onClose();
    } catch (error) {
      refused(error, form, t("form.taken"));
    }
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("add")}</DialogTitle>
          <DialogDescription>{t("form.newHint")}</DialogDescription>
        </DialogHeader>
        <WatchlistForm initial={initial} submitLabel={t("form.create")} onSubmit={submit} onCancel={onClose} />
      </DialogContent>
    </Dialog>
  );
}

interface EditProps {
  list: WatchlistOut;
  /** Suggest new dates. */
  isRenewal: boolean;
  onClose: () => void;
}

export function EditWatchlistDialog({ list, isRenewal, onClose }: EditProps) {
  const { t } = useTranslation("watchlists");
  const update = useUpdateWatchlist();
  const current = useQuery({
    queryKey: ["watchlist with etag", list.id],
    queryFn: () => readWatchlist(list.id),
    staleTime: 0,
    gcTime: 0,
  });

  async function submit(
    tagged: { data: WatchlistOut; etag: string },
    values: WatchlistValues,
    form: UseFormReturn<WatchlistValues>,
  ) {
    try {
      const body = written(values, tagged.data.expires_at);
      await update.mutateAsync({ id: list.id, etag: tagged.etag, body });
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
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{isRenewal ? t("renew.title", { name: list.name }) : <bdi>{list.name}</bdi>}</DialogTitle>
          <DialogDescription>{t(isRenewal ? "renew.hint" : "form.editHint")}</DialogDescription>
        </DialogHeader>
        <QueryView query={current} skeleton={<Skeleton className="h-96 w-full" />}>
          {(tagged) => (
            <WatchlistForm
              initial={initialOf(tagged.data, isRenewal)}
              submitLabel={isRenewal ? t("action.renew") : t("common:save")}
              onSubmit={(values, form) => submit(tagged, values, form)}
              onCancel={onClose}
            />
          )}
        </QueryView>
      </DialogContent>
    </Dialog>
  );
}

function initialOf(list: WatchlistOut, isRenewal: boolean): WatchlistValues {
  const { expires, review } = freshTerms(serverDate());
  return {
    name: list.name,
    description: list.description,
    color: list.color,
    priority: list.priority,
    is_active: isRenewal || list.is_active,
    legal_basis: list.legal_basis,
    approver: list.approver,
    review_date: isRenewal ? review : (list.review_date ?? ""),
    expires_at: isRenewal ? expires : dayOf(list.expires_at),
  };
}

function written(values: WatchlistValues, expiresBefore?: string): WatchlistIn {
  return { ...values, review_date: values.review_date || null, expires_at: endOf(values.expires_at, expiresBefore) };
}

function refused(error: unknown, form: UseFormReturn<WatchlistValues>, taken: string) {
  if (isApiError(error, "conflict")) form.setError("name", { type: "server", message: taken }, { shouldFocus: true });
  else if (!applyFieldErrors(form, error)) toastError(error);
}
