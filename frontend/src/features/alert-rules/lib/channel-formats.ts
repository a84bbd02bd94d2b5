import type { ChannelKind } from "@/client/types.gen";

type Name =
  | "url"
  | "secret"
  | "account_sid"
  | "auth_token"
  | "sender"
  | "recipients"
  | "service_account"
  | "topics"
  | "device_tokens"
  | "bot_token"
  | "host"
  | "topic_prefix"
  | "discovery_prefix";
type Check = readonly [name: Name, problem: string, isGood: (text: string) => boolean];

/** One a line, or with commas. */
export const lines = (given: string): string[] =>
  given
    .split(/[\n,;]+/)
    .map((one) => one.trim())
    .filter(Boolean);

const like = (pattern: RegExp) => (text: string) => pattern.test(text);
const each = (isGood: (text: string) => boolean) => (text: string) => lines(text).every(isGood);

const isPhone = like(/^\+[1-9][0-9]{6,14}$/);
const isTopic = like(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/);

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function isServiceAccount(text: string): boolean {
  try {
    const key = JSON.parse(text) as Record<string, unknown> | null;
    const parts = [key?.project_id, key?.private_key, key?.client_email];
    return key?.type === "service_account" && parts.every((part) => typeof part === "string");
  } catch {
    return false;
  }
}

const ADDRESS: Check = ["url", "problem.address", isWebAddress];

/** How the API wants what is typed, by kind; the server looks again. */
const CHECKS: Record<ChannelKind, readonly Check[]> = {
  email: [["recipients", "problem.mail", each(like(/^[^\s@]+@[^\s@]+\.[^\s@]+$/))]],
  webhook: [ADDRESS, ["secret", "problem.secret", (text) => text.length >= 16]],
  slack: [ADDRESS],
  teams: [ADDRESS],
  sms: [
    ["account_sid", "problem.accountSid", like(/^AC[0-9a-f]{32}$/)],
    ["auth_token", "problem.authToken", like(/^[A-Za-z0-9]+$/)],
    ["sender", "problem.phone", isPhone],
    ["recipients", "problem.phone", each(isPhone)],
  ],
  push: [
    ["service_account", "problem.serviceAccount", isServiceAccount],
    ["topics", "problem.pushTopic", each(like(/^[A-Za-z0-9_.~%-]{1,200}$/))],
    ["device_tokens", "problem.deviceToken", each(like(/^[A-Za-z0-9_:-]{20,400}$/))],
  ],
  web_push: [],
  telegram: [
    ["bot_token", "problem.botToken", like(/^[0-9]{5,20}:[A-Za-z0-9_-]{30,64}$/)],
    ["recipients", "problem.chat", each(like(/^(-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31})$/))],
  ],
  mqtt: [
    ["host", "problem.host", like(/^[A-Za-z0-9:]([A-Za-z0-9.:-]{0,250}[A-Za-z0-9])?$/)],
    ["topic_prefix", "problem.topic", isTopic],
    ["discovery_prefix", "problem.topic", isTopic],
  ],
};

/** Which fields hold what cannot be right, and why; those that are empty are none of them. */
export function misshapen(channel: { kind: ChannelKind } & Record<Name, string>): { name: Name; problem: string }[] {
  return CHECKS[channel.kind].flatMap(([name, problem, isGood]) => {
    const text = channel[name].trim();
    return text && !isGood(text) ? [{ name, problem }] : [];
  });
}

/** From the API's names of fields (`body.sms.recipients.0`) to the form's. */
export function fieldNames(fields: readonly string[]): Record<string, Name> {
  return Object.fromEntries(
    fields.map((field) => {
      const given = field.replace(/^body\./, "");
      const [, name = given] = given.split(".");
      return [given, name as Name];
    }),
  );
}
