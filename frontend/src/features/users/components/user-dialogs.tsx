import { useQuery } from "@tanstack/react-query";
import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type { UserIn, UserOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { isApiError } from "@/lib/errors";
import { applyFieldErrors } from "@/lib/form-errors";
import { toast, toastError } from "@/lib/toast";

import { readUser, useCreateUser, useReplaceUser } from "../api/use-user-changes";
import { UserForm, type UserValues } from "./user-form";

const NEW: UserValues = {
  username: "",
  email: "",
  role: "operator",
  is_active: true,
  must_change_password: true,
  camera_group_ids: [],
};

/** The password that the server made is handed on to be shown once. */
export function NewUserDialog({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (name: string, password: string) => void;
}) {
  const { t } = useTranslation("users");
  const create = useCreateUser();

  async function submit(values: UserValues, form: UseFormReturn<UserValues>) {
    try {
      const made = await create.mutateAsync({ ...written(values), username: values.username });
      onClose();
      if (made.password) onMade(made.username, made.password);
    } catch (error) {
      refused(error, form, t("form.taken"));
    }
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("add")}</DialogTitle>
          <DialogDescription>{t("form.passwordHint")}</DialogDescription>
        </DialogHeader>
        <UserForm isNew initial={NEW} onSubmit={submit} onCancel={onClose} />
      </DialogContent>
    </Dialog>
  );
}

export function EditUserDialog({ user, onClose }: { user: UserOut; onClose: () => void }) {
  const { t } = useTranslation("users");
  const replace = useReplaceUser();
  const current = useQuery({
    queryKey: ["user with etag", user.id],
    queryFn: () => readUser(user.id),
    staleTime: 0,
    gcTime: 0,
  });

  async function submit(etag: string, values: UserValues, form: UseFormReturn<UserValues>) {
    try {
      await replace.mutateAsync({ userId: user.id, etag, body: written(values) });
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
          <DialogTitle>
            <bdi>{user.username}</bdi>
          </DialogTitle>
          <DialogDescription>{t("form.editHint")}</DialogDescription>
        </DialogHeader>
        <QueryView query={current} skeleton={<Skeleton className="h-72 w-full" />}>
          {({ data, etag }) => (
            <UserForm
              isNew={false}
              initial={{ ...data, email: data.email ?? "", camera_group_ids: [...data.camera_group_ids] }}
              onSubmit={(values, form) => submit(etag, values, form)}
              onCancel={onClose}
            />
          )}
        </QueryView>
      </DialogContent>
    </Dialog>
  );
}

function written({ email, role, is_active, must_change_password, camera_group_ids }: UserValues): UserIn {
  return { email: email || null, role, is_active, must_change_password, camera_group_ids };
}

function refused(error: unknown, form: UseFormReturn<UserValues>, taken: string) {
  const isTaken = isApiError(error, "conflict") && /name|address/.test(error.detail);
  if (isTaken) form.setError("username", { type: "server", message: taken });
  else if (!applyFieldErrors(form, error)) toastError(error);
}
