/** Keeps the interface's own files for a start without network, and shows alerts that come by Web Push. */
export function startServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  addEventListener("load", () => {
    navigator.serviceWorker.register("/service-worker.js").catch((refused: unknown) => {
      console.warn("no service worker", refused); // private windows, plain http: everything but push works
    });
  });
}
