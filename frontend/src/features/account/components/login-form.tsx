import { useState } from "react";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Form, FormControl, FormField, FormItem, FormLabel, FormMessage } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { useAuth } from "@/hooks/use-auth";

import { loginProblem, type LoginProblem } from "../lib/login-problem";

const schema = z.object({
  username: z.string().trim().min(1, "login.usernameMissing"),
  password: z.string().min(1, "login.passwordMissing"),
  otp: z.string().trim(),
  remember: z.boolean(),
});
type Values = z.output<typeof schema>;

interface Props {
  /** Given where somebody logs in again over an open page. */
  username?: string;
  onDone: () => void;
}

/** Name and password, then the code of the second factor where the account has one. */
export function LoginForm({ username = "", onDone }: Props) {
  const { t } = useTranslation("account");
  const { login } = useAuth();
  const [problem, setProblem] = useState<LoginProblem | null>(null);
  const [asksForCode, setAsksForCode] = useState(false);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: { username, password: "", otp: "", remember: false },
  });

  async function submit({ otp, ...given }: Values) {
    setProblem(null);
    try {
      await login({ ...given, otp: otp || null });
      onDone();
    } catch (error) {
      const found = loginProblem(error, asksForCode);
      setAsksForCode((old) => old || found.asksForCode);
      setProblem(found.asksForCode && !asksForCode ? null : found);
    }
  }

  return (
    <Form {...form}>
      <form onSubmit={form.handleSubmit(submit)} className="grid gap-4" noValidate>
        {problem && (
          <Alert variant="destructive" role="alert">
            <AlertDescription>{t(problem.key, problem.values)}</AlertDescription>
          </Alert>
        )}
        <FormField
          control={form.control}
          name="username"
          render={({ field, fieldState }) => (
            <FormItem>
              <FormLabel>{t("login.username")}</FormLabel>
              <FormControl>
                <Input autoComplete="username" autoFocus={!username} dir="ltr" {...field} />
              </FormControl>
              <FormMessage>{fieldState.error && t(fieldState.error.message ?? "")}</FormMessage>
            </FormItem>
          )}
        />
        <FormField
          control={form.control}
          name="password"
          render={({ field, fieldState }) => (
            <FormItem>
              <FormLabel>{t("login.password")}</FormLabel>
              <FormControl>
                <Input type="password" autoComplete="current-password" autoFocus={!!username} dir="ltr" {...field} />
              </FormControl>
              <FormMessage>{fieldState.error && t(fieldState.error.message ?? "")}</FormMessage>
            </FormItem>
          )}
        />
        {asksForCode && (
          <FormField
            control={form.control}
            name="otp"
            render={({ field }) => (
              <FormItem>
                <FormLabel>{t("login.code")}</FormLabel>
                <FormControl>
                  <Input autoComplete="one-time-code" inputMode="numeric" autoFocus dir="ltr" {...field} />
                </FormControl>
                <p className="text-xs text-muted-foreground">{t("login.codeHint")}</p>
              </FormItem>
            )}
          />
        )}
        <FormField
          control={form.control}
          name="remember"
          render={({ field }) => (
            <FormItem className="flex items-center gap-2">
              <FormControl>
                <Checkbox checked={field.value} onCheckedChange={(checked) => field.onChange(checked === true)} />
              </FormControl>
              <FormLabel className="font-normal">{t("login.remember")}</FormLabel>
            </FormItem>
          )}
        />
        <Button type="submit" loading={form.formState.isSubmitting}>
          {t("login.submit")}
        </Button>
      </form>
    </Form>
  );
}
