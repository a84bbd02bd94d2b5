import { useRef } from "react";

import { isApiError } from "@/lib/errors";

/** A key with which the server does a request once, however often it is sent. */
export function newKey(): string {
  // randomUUID is missing where the page came by plain http from another machine.
  return crypto.randomUUID?.() ?? uuidFrom(crypto.getRandomValues(new Uint8Array(16)));
}

function uuidFrom(bytes: Uint8Array): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40; // version 4, RFC 9562
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

interface KeyOfForm {
  header: () => { "Idempotency-Key": string };
  /** After the server refused (a corrected form is another request) or made it. Whether a request that got no answer
   * was done nobody knows: it is repeated with its key. */
  renew: (error?: unknown) => void;
}

/** One key per thing that is to be made: the same for repeated submissions, a new one after `renew()`. */
export function useIdempotencyKey(): KeyOfForm {
  const key = useRef<string>(undefined);
  return {
    header: () => ({ "Idempotency-Key": (key.current ??= newKey()) }),
    renew: (error) => {
      if (!isApiError(error, "unreachable")) key.current = undefined;
    },
  };
}
