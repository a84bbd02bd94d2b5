import { expect, test } from "vitest";

import { lines } from "./channel-formats";
import { channelOf, channelSchema, KINDS, newChannel } from "./channel-values";

test.each([...KINDS])("a new channel of kind %s says what it needs", (kind) => {
  const result = channelSchema.safeParse({ ...newChannel(kind, "en"), name: "Guards", roles: [], topic_prefix: "" });
  expect(result.success).toBe(false);
});

test("a secret that was not typed again is not sent, and not asked for", () => {
  const given = { ...newChannel("webhook", "en"), name: "Guards", isNew: false };
  expect(channelSchema.safeParse(given).success).toBe(true);
  expect(channelOf(given)).toMatchObject({ url: null, secret: null });
});

test("pictures go only on channels that can show them", () => {
  const given = { ...newChannel("slack", "en"), include_pictures: true };
  expect(channelOf(given).include_pictures).toBe(false);
});

test("people are listed one a line, or with commas", () => {
  expect(lines("a@example.org, b@example.org\n\n c@example.org ")).toEqual([
    "a@example.org",
    "b@example.org",
    "c@example.org",
  ]);
});
