import { expect, test } from "vitest";

import { fieldNames, misshapen } from "./channel-formats";
import { newChannel, type ChannelValues } from "./channel-values";

const KEY = JSON.stringify({ type: "service_account", project_id: "p", private_key: "k", client_email: "c" });
const cases: [ChannelValues["kind"], Partial<ChannelValues>, Partial<ChannelValues>][] = [
  ["email", { recipients: "a@example.org\nb@example.org" }, { recipients: "a@example.org\nguard" }],
  ["webhook", { url: "https://hooks.example.org/x", secret: "x".repeat(16) }, { url: "hooks.example.org" }],
  ["slack", { url: "http://chat.example.org" }, { url: "ftp://chat.example.org" }],
  ["teams", { url: "https://flow.example.org/1" }, { url: "https://" }],
  ["sms", { account_sid: `AC${"0".repeat(32)}`, sender: "+15017122661" }, { sender: "0501 712" }],
  ["sms", { auth_token: "0f0f", recipients: "+491701234567" }, { auth_token: "two words" }],
  ["push", { service_account: KEY, topics: "guards" }, { service_account: "{}" }],
  ["telegram", { bot_token: `12345:${"a".repeat(35)}`, recipients: "-100123\n@guards" }, { recipients: "guards" }],
  ["mqtt", { host: "broker.example.org", discovery_prefix: "" }, { host: "mqtt://broker" }],
];

test.each(cases)("%s: %o is right, %o is not", (kind, good, bad) => {
  expect(misshapen({ ...newChannel(kind, "en"), ...good })).toEqual([]);
  expect(misshapen({ ...newChannel(kind, "en"), ...good, ...bad }).map(({ name }) => name)).toEqual(Object.keys(bad));
});

test("what the server finds wrong stands beside its field", () => {
  expect(fieldNames(["body.sms.recipients.0", "body.push.service_account"])).toEqual({
    "sms.recipients.0": "recipients",
    "push.service_account": "service_account",
  });
});
