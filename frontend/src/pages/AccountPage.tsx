import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Can } from "@/components/can";
import { PageHeader } from "@/components/page-header";
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { PasswordForm } from "@/features/account/components/password-form";
import { SecondFactor } from "@/features/account/components/second-factor";
import { SessionsList } from "@/features/account/components/sessions-list";
import { ThisBrowser } from "@/features/alert-rules/components/this-browser";
import { useAuth } from "@/hooks/use-auth";

export function Component() {
  const { t } = useTranslation("account");
  const { user } = useAuth();
  return (
    <div className="mx-auto grid max-w-3xl gap-5">
      <PageHeader
        title={t("title")}
        description={
          <>
            <bdi>{user?.username}</bdi> · {t(`common:role.${user?.role ?? "viewer"}`)}
            {user?.email && (
              <>
                {" · "}
                <bdi dir="ltr">{user.email}</bdi>
              </>
            )}
          </>
        }
      />
      <Section title={t("password.title")} hint={t("password.ends")}>
        <PasswordForm onDone={() => undefined} />
      </Section>
      <Section title={t("factor.title")}>
        <SecondFactor />
      </Section>
      <Can permission="receive_push">
        <ThisBrowser />
      </Can>
      <Section title={t("sessions.title")} hint={t("sessions.hint")}>
        <SessionsList />
      </Section>
    </div>
  );
}

function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <Card>
      <CardHeader>
        <CardTitle>{title}</CardTitle>
        {hint && <CardDescription>{hint}</CardDescription>}
      </CardHeader>
      <CardContent>{children}</CardContent>
    </Card>
  );
}
