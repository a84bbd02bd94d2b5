// Two things while the page is closed or the network is away: the interface's own files for a start without network,
// and alerts that come by Web Push. Answers of the API and pictures of people are never kept here.

const SHELL = "sightline-shell";
const PATIENCE_MS = 5_000; // with a network that is there and carries nothing
const PAGE = "/"; // with the server's content policy, which /index.html lacks
const BEFORE_PAINT = "/before-paint.js";
const KEPT = /^\/assets\/.+\.(?:js|css|woff2)$/; // their names hold a checksum of what is in them

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(
    keepShell().catch((failure) => {
      console.warn("nothing kept for a start without network", failure); // pushes work all the same
    }),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (KEPT.test(address.pathname)) event.respondWith(assetOf(request));
  else if (address.pathname === BEFORE_PAINT) event.respondWith(freshOrKept(request));
  else if (request.mode === "navigate" && isPage(address.pathname)) event.respondWith(pageOf(event));
});

/** What the interface draws itself; the API's own pages and links of mails are the server's. */
function isPage(path) {
  return !/^\/(?:v1|docs|enter|healthz|openapi\.json|asyncapi\.json)(?:\/|$)/.test(path) && !/\.\w+$/.test(path);
}

/** The server's page where it comes in time, else what was kept of it. */
async function pageOf(event) {
  const fresh = fetch(event.request);
  event.waitUntil(
    fresh.then(
      (answer) => answer.ok && renew(answer.clone()),
      () => undefined, // away: there is nothing new
    ),
  );
  const kept = await caches.match(PAGE, { cacheName: SHELL });
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([fresh.catch(() => kept), late]);
}

async function freshOrKept(request) {
  try {
    return await fetch(request);
  } catch (failure) {
    const kept = await caches.match(request, { cacheName: SHELL });
    if (kept) return kept;
    throw failure;
  }
}

async function assetOf(request) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") await shell.put(request, answer.clone());
  return answer;
}

/** A page that names other files is one of another version: keep that version's files, and no longer the old ones. */
async function renew(answer) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(PAGE);
  if (kept && (await kept.text()) === (await answer.text())) return;
  await keepShell();
}

async function keepShell() {
  const shell = await caches.open(SHELL);
  const files = await filesOfBuild();
  for (const file of files) if (!(await shell.match(file))) await shell.add(file);
  for (const file of [PAGE, BEFORE_PAINT]) await shell.add(new Request(file, { cache: "no-cache" }));
  const wanted = new Set([PAGE, BEFORE_PAINT, ...files]);
  for (const request of await shell.keys()) {
    if (files.length > 0 && !wanted.has(new URL(request.url).pathname) && !request.url.endsWith(".woff2"))
      await shell.delete(request);
  }
}

/** Scripts and styles of the build; fonts are kept when they are first used. None where a development server runs. */
async function filesOfBuild() {
  const answer = await fetch("/manifest.build.json", { cache: "no-cache" });
  if (!answer.ok || !(answer.headers.get("Content-Type") ?? "").includes("json")) return [];
  const parts = Object.values(await answer.json());
  const names = parts.flatMap(({ file, css = [] }) => [file, ...css]);
  return [...new Set(names.map((name) => `/${name}`))].filter((name) => KEPT.test(name) && !name.endsWith(".woff2"));
}

self.addEventListener("push", (event) => {
  event.waitUntil(show(messageOf(event.data)));
});

function messageOf(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return { body: data.text() };
  }
}

function show({ title = "Sightline", body = "", link = "/alerts", id, alert_id: alertId, picture }) {
  const tag = alertId ?? id;
  return self.registration.showNotification(title, {
    body,
    ...(tag ? { tag, renotify: true } : {}), // an escalation takes the place of what told of the alert first, and rings
    data: { link },
    icon: "/icon-192.png",
    badge: "/icon-192.png",
    ...(picture ? { image: picture } : {}),
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.link ?? "/alerts"));
});

/** In a window that is open already, else in a new one. Links lead to this house only. */
async function open(link) {
  const address = new URL(link, self.location.origin);
  const target = address.origin === self.location.origin ? address.href : `${self.location.origin}/alerts`;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find(({ url }) => url === target) ?? windows[0];
  if (!shown) return self.clients.openWindow(target);
  await shown.focus().catch((refused) => console.warn("the window stays behind others", refused));
  if (shown.url === target) return undefined;
  return shown.navigate(target).catch(() => self.clients.openWindow(target));
}
