import { useCallback } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { createPushSubscription, deletePushSubscription, getPushKey, listPushSubscriptions } from "@/client/sdk.gen";
import type { PushSubscriptionIn } from "@/client/types.gen";
import { newKey } from "@/lib/idempotency";
import { bytesOfKey, subscriptionOf } from "@/lib/push-subscription";
import { invalidate } from "@/lib/query";

/** Under which id the server knows this very browser: it never shows the browser's own address again. */
const ID = "sightline.push";
const QUERY = ["this-browser-push"];

type WebPushState =
  | "unsupported" // no push in this browser, or a page without https
  | "blocked" // the user told the browser to refuse
  | "off"
  | "on";

function isSupported(): boolean {
  return isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

async function worker(): Promise<ServiceWorkerRegistration> {
  await navigator.serviceWorker.register("/service-worker.js");
  return navigator.serviceWorker.ready;
}

async function stateNow(): Promise<WebPushState> {
  if (!isSupported()) return "unsupported";
  if (Notification.permission === "denied") return "blocked";
  const id = localStorage.getItem(ID);
  const registration = await navigator.serviceWorker.getRegistration();
  if (!id || !(await registration?.pushManager.getSubscription())) return "off";
  const { data } = await listPushSubscriptions();
  return data.some((known) => known.id === id) ? "on" : "off";
}

/** Asked of the browser by a click, as browsers want it. */
async function subscribeHere(device: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") return;
  const [registration, { data: key }] = await Promise.all([worker(), getPushKey()]);
  // One made with another key, or of somebody else at this browser, would never be answered.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const made = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytesOfKey(key.public_key),
  });
  const body: PushSubscriptionIn = subscriptionOf(made.toJSON(), device);
  const { data: kept } = await createPushSubscription({ body, headers: { "Idempotency-Key": newKey() } });
  localStorage.setItem(ID, kept.id);
}

async function unsubscribeHere(): Promise<void> {
  const id = localStorage.getItem(ID);
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  if (id) await deletePushSubscription({ path: { subscription_id: id } });
  localStorage.removeItem(ID);
}

/** Alerts told by this very browser, also while the page is closed.
 *
 * What fails is in `error`: an ApiError, or the browser's own DOMException where its push service cannot be reached.
 */
export function useWebPush() {
  const cache = useQueryClient();
  const { data: state, isPending } = useQuery({ queryKey: QUERY, queryFn: stateNow, staleTime: Infinity });
  const changed = useCallback(async () => {
    await cache.invalidateQueries({ queryKey: QUERY });
    await invalidate(cache, "listPushSubscriptions");
  }, [cache]);
  const subscribe = useMutation({ mutationFn: subscribeHere, onSettled: changed });
  const unsubscribe = useMutation({ mutationFn: unsubscribeHere, onSettled: changed });
  return {
    state,
    isPending,
    isBusy: subscribe.isPending || unsubscribe.isPending,
    error: subscribe.error ?? unsubscribe.error,
    /** device: what to call this browser in the list of one's browsers. */
    subscribe: (device: string) => {
      unsubscribe.reset();
      subscribe.mutate(device);
    },
    unsubscribe: () => {
      subscribe.reset();
      unsubscribe.mutate();
    },
  };
}
