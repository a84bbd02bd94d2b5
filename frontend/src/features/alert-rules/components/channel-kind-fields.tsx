import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";

import type { ChannelKind } from "@/client/types.gen";
import { Combobox } from "@/components/combobox";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";

import { useUserChoices } from "../api/use-user-choices";
import type { ChannelValues } from "../lib/channel-values";
import { Flag } from "./channel-flag";
import { NumberInput } from "./choice";
import { Field } from "./field";

type TextName =
  | "url"
  | "secret"
  | "account_sid"
  | "auth_token"
  | "sender"
  | "bot_token"
  | "host"
  | "username"
  | "password"
  | "topic_prefix"
  | "discovery_prefix";
const SECRETS: readonly string[] = ["url", "secret", "auth_token", "bot_token", "password"];

/** What a kind of channel needs. Secrets are written and never shown. */
export function KindFields({ kind, hasSecret }: { kind: ChannelKind; hasSecret: boolean }) {
  const { t } = useTranslation("channels");
  const line = (name: TextName, more: Omit<ComponentProps<typeof Input>, "name"> = {}) => (
    <Line name={name} isKept={hasSecret && SECRETS.includes(name)} {...more} />
  );
  const hidden = { type: "password", autoComplete: "new-password" } as const;
  switch (kind) {
    case "email":
      return <Many name="recipients" label={t("field.mails")} hint={t("field.mailsHint")} />;
    case "webhook":
      return (
        <>
          {line("url", { type: "url", placeholder: "https://" })}
          {line("secret", hidden)}
        </>
      );
    case "slack":
    case "teams":
      return line("url", { type: "url", placeholder: "https://" });
    case "sms":
      return (
        <>
          {line("account_sid", { placeholder: "AC…" })}
          {line("auth_token", hidden)}
          {line("sender", { type: "tel", placeholder: "+15017122661" })}
          <Many name="recipients" label={t("field.phones")} hint={t("field.oneALine")} />
        </>
      );
    case "push":
      return (
        <>
          <Many name="service_account" label={t("field.service_account")} isKept={hasSecret} />
          <Many name="topics" label={t("field.topics")} hint={t("field.oneALine")} />
          <Many name="device_tokens" label={t("field.device_tokens")} hint={t("field.oneALine")} isKept={hasSecret} />
        </>
      );
    case "web_push":
      return <WebPush />;
    case "telegram":
      return (
        <>
          {line("bot_token", hidden)}
          <Many name="recipients" label={t("field.chats")} hint={t("field.oneALine")} />
        </>
      );
    case "mqtt":
      return (
        <>
          {line("host", { placeholder: "broker.example.org" })}
          <Field<ChannelValues, "port"> name="port" label={t("field.port")} className="max-w-32">
            {({ value, onChange }) => <NumberInput value={value} onChange={onChange} min={1} max={65535} />}
          </Field>
          <Flag name="tls" label={t("field.tls")} />
          <Many name="ca" label={t("field.ca")} hint={t("field.caHint")} />
          {line("username")}
          {line("password", hidden)}
          {line("topic_prefix")}
          {line("discovery_prefix")}
        </>
      );
  }
}

function Line({
  name,
  isKept,
  ...input
}: Omit<ComponentProps<typeof Input>, "name"> & { name: TextName; isKept: boolean }) {
  const { t } = useTranslation("channels");
  return (
    <Field<ChannelValues, TextName>
      name={name}
      label={t(`field.${name}`)}
      hint={isKept ? t("field.keptHint") : undefined}
    >
      {(field) => (
        <Input
          dir="ltr"
          autoComplete="off"
          {...input}
          {...field}
          placeholder={isKept ? t("field.kept") : input.placeholder}
        />
      )}
    </Field>
  );
}

type ManyName = "recipients" | "topics" | "device_tokens" | "service_account" | "ca";

function Many({
  name,
  label,
  hint,
  isKept = false,
}: {
  name: ManyName;
  label: string;
  hint?: string;
  isKept?: boolean;
}) {
  const { t } = useTranslation("channels");
  return (
    <Field<ChannelValues, ManyName> name={name} label={label} hint={isKept ? t("field.keptHint") : hint}>
      {(field) => (
        <Textarea dir="ltr" rows={3} spellCheck={false} {...field} placeholder={isKept ? t("field.kept") : undefined} />
      )}
    </Field>
  );
}

const ROLES = ["admin", "operator", "viewer"] as const;

function WebPush() {
  const { t } = useTranslation("channels");
  const users = useUserChoices();
  return (
    <>
      <p className="text-xs text-muted-foreground">{t("field.webPushHint")}</p>
      <Field<ChannelValues, "roles"> name="roles" label={t("field.roles")}>
        {({ value, onChange }) => (
          <Combobox
            multiple
            options={ROLES.map((role) => ({ value: role, label: t(`common:role.${role}`) }))}
            value={value}
            onChange={onChange}
          />
        )}
      </Field>
      <Field<ChannelValues, "user_ids"> name="user_ids" label={t("field.users")}>
        {({ value, onChange }) => <Combobox multiple options={users} value={value} onChange={onChange} />}
      </Field>
    </>
  );
}
