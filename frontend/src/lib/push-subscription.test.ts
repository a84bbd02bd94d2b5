import { expect, test } from "vitest";

import { bytesOfKey, subscriptionOf } from "@/lib/push-subscription";

test("a key in base64url is its bytes", () => {
  expect([...bytesOfKey("BP-_AA")]).toEqual([4, 255, 191, 0]);
});

test("a browser's subscription is what the API takes", () => {
  const keys = { p256dh: "point", auth: "secret" };
  expect(subscriptionOf({ endpoint: "https://push.example/1", keys }, "Front desk")).toEqual({
    endpoint: "https://push.example/1",
    expirationTime: null,
    keys,
    device: "Front desk",
  });
});

test("a subscription without keys cannot be written to", () => {
  expect(() => subscriptionOf({ endpoint: "https://push.example/1" }, "")).toThrow("without keys");
});
