import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { TextField } from "@/components/text-field";
import { Button } from "@/components/ui/button";
import { Form } from "@/components/ui/form";
import { useAuth } from "@/hooks/use-auth";
import { isApiError } from "@/lib/errors";
import { toast, toastError } from "@/lib/toast";

import { useChangePassword } from "../api/use-change-password";

const SHORTEST = 15;
const LONGEST = 256;

const schema = z
  .object({
    old: z.string().min(1, "password.oldMissing"),
    fresh: z.string().min(SHORTEST, "password.tooShort").max(LONGEST, "password.tooLong"),
    again: z.string(),
  })
  .refine(({ fresh, again }) => fresh === again, { path: ["again"], message: "password.differs" });
type Values = z.output<typeof schema>;

/** Change one's own password. It ends all sessions, so this logs in again with the new one at once. */
export function PasswordForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("account");
  const { user, login } = useAuth();
  const change = useChangePassword();
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { old: "", fresh: "", again: "" },
  });
  const says = (key: string) => t(key, { shortest: SHORTEST, longest: LONGEST });

  async function submit({ old, fresh }: Values) {
    if (!user) return;
    try {
      await change.mutateAsync({ userId: user.user_id, body: { old_password: old, new_password: fresh } });
    } catch (error) {
      return refused(error);
    }
    try {
      await login({ username: user.username, password: fresh });
      form.reset();
      toast.success(t("password.changed"));
      onDone();
    } catch (error) {
      // With a second factor a code is needed: the dialog over the page asks for it.
      toastError(error);
    }
  }

  function refused(error: unknown) {
    if (isApiError(error, "password_refused"))
      form.setError("old", { type: "server", message: t("password.oldWrong") });
    else if (isApiError(error, "invalid_input"))
      form.setError("fresh", { type: "server", message: `${error.detail}. ${error.hint}` });
    else toastError(error);
  }

  return (
    <Form {...form}>
      <form onSubmit={form.handleSubmit(submit)} className="grid max-w-sm gap-4" noValidate>
        <input type="text" autoComplete="username" value={user?.username ?? ""} readOnly hidden />
        <TextField
          form={form}
          name="old"
          type="password"
          dir="ltr"
          autoComplete="current-password"
          label={t("password.old")}
          says={says}
        />
        <TextField
          form={form}
          name="fresh"
          type="password"
          dir="ltr"
          autoComplete="new-password"
          label={t("password.new")}
          hint={t("password.hint", { shortest: SHORTEST })}
          says={says}
        />
        <TextField
          form={form}
          name="again"
          type="password"
          dir="ltr"
          autoComplete="new-password"
          label={t("password.again")}
          says={says}
        />
        <Button type="submit" className="justify-self-start" loading={form.formState.isSubmitting}>
          {t("password.submit")}
        </Button>
      </form>
    </Form>
  );
}
