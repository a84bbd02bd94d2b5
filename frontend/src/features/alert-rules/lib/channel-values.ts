import { z } from "zod";

import type { ChannelKind, ChannelOut } from "@/client/types.gen";

import type { ChannelIn } from "../api/use-channel-changes";
import { lines, misshapen } from "./channel-formats";

export const KINDS = ["email", "webhook", "web_push", "slack", "teams", "telegram", "sms", "push", "mqtt"] as const;
/** Slack, Teams, text messages and pushes could show a picture only by an address open to the world. */
export const WITH_PICTURES: readonly ChannelKind[] = ["email", "webhook", "telegram", "mqtt"];

/** Secrets that a new channel needs; in an update they may be left out, and stay. */
const NEEDED: Partial<Record<ChannelKind, readonly (keyof ChannelValues)[]>> = {
  email: ["recipients"],
  webhook: ["url", "secret"],
  slack: ["url"],
  teams: ["url"],
  sms: ["account_sid", "auth_token", "sender", "recipients"],
  push: ["service_account"],
  telegram: ["bot_token", "recipients"],
  mqtt: ["host", "topic_prefix"],
};
const SECRETS: readonly (keyof ChannelValues)[] = ["url", "secret", "auth_token", "service_account", "bot_token"];

const text = z.string();
const shape = z.object({
  kind: z.enum(KINDS),
  isNew: z.boolean(),
  name: text.trim().min(1, "problem.name").max(100, "problem.long"),
  is_active: z.boolean(),
  include_pictures: z.boolean(),
  rate_per_minute: z
    .number({ error: "problem.number" })
    .int("problem.number")
    .min(1, "problem.rate")
    .max(6000, "problem.rate")
    .nullable(),
  language: z.enum(["en", "de", "fr", "es", "ar"]),
  time_zone: text,
  title_template: text.max(200, "problem.long"),
  text_template: text.max(2000, "problem.long"),
  /** One a line. */
  recipients: text,
  url: text,
  secret: text,
  account_sid: text,
  auth_token: text,
  sender: text,
  service_account: text,
  topics: text,
  device_tokens: text,
  roles: z.array(z.enum(["admin", "operator", "viewer"])),
  user_ids: z.array(text),
  bot_token: text,
  host: text,
  port: z.number({ error: "problem.number" }).int("problem.number").min(1, "problem.port").max(65535, "problem.port"),
  tls: z.boolean(),
  ca: text,
  username: text,
  password: text,
  topic_prefix: text,
  discovery_prefix: text,
});
export type ChannelValues = z.output<typeof shape>;

export const channelSchema = shape.superRefine((channel, context) => {
  const missing = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  for (const field of NEEDED[channel.kind] ?? []) {
    const isKept = !channel.isNew && SECRETS.includes(field);
    if (!isKept && !String(channel[field]).trim()) missing(field, "problem.needed");
  }
  for (const { name, problem } of misshapen(channel)) missing(name, problem);
  if (channel.kind === "push" && channel.isNew && !channel.topics.trim() && !channel.device_tokens.trim())
    missing("topics", "problem.topicOrDevice");
  if (channel.kind === "web_push" && channel.roles.length + channel.user_ids.length === 0)
    missing("roles", "problem.somebody");
});

export function newChannel(kind: ChannelKind, language: ChannelValues["language"]): ChannelValues {
  return {
    kind,
    isNew: true,
    name: "",
    is_active: true,
    include_pictures: false,
    rate_per_minute: null,
    language,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    title_template: "",
    text_template: "",
    recipients: "",
    url: "",
    secret: "",
    account_sid: "",
    auth_token: "",
    sender: "",
    service_account: "",
    topics: "",
    device_tokens: "",
    roles: kind === "web_push" ? ["admin", "operator"] : [],
    user_ids: [],
    bot_token: "",
    host: "",
    port: 8883,
    tls: true,
    ca: "",
    username: "",
    password: "",
    topic_prefix: "sightline",
    discovery_prefix: "homeassistant",
  };
}

export function channelValues(channel: ChannelOut): ChannelValues {
  return {
    ...newChannel(channel.kind, channel.language),
    isNew: false,
    name: channel.name,
    is_active: channel.is_active,
    include_pictures: channel.include_pictures,
    rate_per_minute: channel.rate_per_minute,
    time_zone: channel.time_zone,
    title_template: channel.title_template ?? "",
    text_template: channel.text_template ?? "",
    recipients: channel.recipients.join("\n"),
    topics: channel.topics.join("\n"),
    roles: channel.roles.filter((role): role is ChannelValues["roles"][number] =>
      ["admin", "operator", "viewer"].includes(role),
    ),
    user_ids: channel.user_ids,
    account_sid: channel.account_sid ?? "",
    sender: channel.sender ?? "",
    host: channel.host ?? "",
    port: channel.port ?? 8883,
    tls: channel.tls ?? true,
    ca: channel.ca ?? "",
    username: channel.username ?? "",
    topic_prefix: channel.topic_prefix ?? "sightline",
    discovery_prefix: channel.discovery_prefix ?? "",
  };
}

/** What the API takes of a kind. A secret that was left empty is not sent: it stays as it is. */
export function channelOf(given: ChannelValues): ChannelIn {
  const shared = {
    name: given.name.trim(),
    is_active: given.is_active,
    include_pictures: WITH_PICTURES.includes(given.kind) && given.include_pictures,
    rate_per_minute: given.rate_per_minute,
    language: given.language,
    time_zone: given.time_zone,
    title_template: given.title_template.trim() || null,
    text_template: given.text_template.trim() || null,
  };
  const recipients = lines(given.recipients);
  const kept = (value: string) => value.trim() || null;
  switch (given.kind) {
    case "email":
      return { ...shared, kind: given.kind, recipients };
    case "webhook":
      return { ...shared, kind: given.kind, url: kept(given.url), secret: kept(given.secret) };
    case "slack":
      return { ...shared, kind: given.kind, url: kept(given.url) };
    case "teams":
      return { ...shared, kind: given.kind, url: kept(given.url) };
    case "sms": {
      const { account_sid, sender } = given;
      return { ...shared, kind: given.kind, account_sid, auth_token: kept(given.auth_token), sender, recipients };
    }
    case "push":
      return {
        ...shared,
        kind: given.kind,
        service_account: kept(given.service_account),
        topics: lines(given.topics),
        device_tokens: given.device_tokens.trim() ? lines(given.device_tokens) : null,
      };
    case "web_push":
      return { ...shared, kind: given.kind, roles: given.roles, user_ids: given.user_ids };
    case "telegram":
      return { ...shared, kind: given.kind, bot_token: kept(given.bot_token), recipients };
    case "mqtt":
      return {
        ...shared,
        kind: given.kind,
        host: given.host.trim(),
        port: given.port,
        tls: given.tls,
        ca: kept(given.ca),
        username: kept(given.username),
        password: given.password || null,
        topic_prefix: given.topic_prefix.trim(),
        discovery_prefix: kept(given.discovery_prefix),
      };
  }
}
