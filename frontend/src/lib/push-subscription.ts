import type { PushSubscriptionIn } from "@/client/types.gen";

/** The server's key as browsers take it: base64url (RFC 4648, 5) to bytes. */
export function bytesOfKey(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** What a browser gave, as the API takes it. Throws where the browser gave no keys to encrypt with. */
export function subscriptionOf(given: PushSubscriptionJSON, device: string): PushSubscriptionIn {
  const { endpoint, expirationTime, keys } = given;
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Error("the browser gave a subscription without keys");
  return {
    endpoint,
    expirationTime: expirationTime ?? null,
    keys: { p256dh: keys.p256dh, auth: keys.auth },
    device: device.slice(0, 100),
  };
}
