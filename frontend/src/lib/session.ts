/** The login of this browser: its tokens are cookies that scripts cannot read, so only their ends are known here. */

const EXPIRES = "sightline.session.expires"; // ms since the epoch, of the access token; shared by all tabs
const LOCK = "sightline.session.renew";
/** Renew when this part of a token's life is over: early enough for a slow network, rare enough for many tabs. */
const RENEW_AT = 0.75;
const RETRY_MS = 5_000;

export type SessionNews = "renewed" | "ended" | "began";
type Listener = (news: SessionNews) => void;

const listeners = new Set<Listener>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("sightline.session");
let timer: ReturnType<typeof setTimeout> | undefined;

channel?.addEventListener("message", (event: MessageEvent<SessionNews>) => {
  if (event.data === "ended") clearTimeout(timer);
  else schedule();
  tell(event.data);
});

export function onSession(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(news: SessionNews): void {
  for (const listener of listeners) listener(news);
}

/** Tell this tab and all others. */
export function announce(news: SessionNews): void {
  tell(news);
  channel?.postMessage(news);
}

/** A login or a renewal was answered. seconds: the life of the access token. */
export function keepAlive(seconds: number): void {
  localStorage.setItem(EXPIRES, String(Date.now() + seconds * 1000));
  localStorage.setItem(`${EXPIRES}.life`, String(seconds * 1000));
  schedule();
}

export function forget(): void {
  clearTimeout(timer);
  localStorage.removeItem(EXPIRES);
  localStorage.removeItem(`${EXPIRES}.life`);
}

function expires(): number {
  return Number(localStorage.getItem(EXPIRES) ?? 0);
}

/** Renew in time, also in a tab that was opened later. */
export function schedule(): void {
  clearTimeout(timer);
  const end = expires();
  if (!end) return;
  const life = Number(localStorage.getItem(`${EXPIRES}.life`) ?? 0);
  const due = end - Date.now() - life * (1 - RENEW_AT);
  // A clock that was set meanwhile says anything: never later than right after a renewal.
  timer = setTimeout(() => void renew(), Math.min(Math.max(due, 1_000), Math.max(life * RENEW_AT, 1_000)));
}

/** New tokens: one tab asks, the others find them. False where the session has ended and a login is needed. */
export async function renew(): Promise<boolean> {
  const seen = expires();
  return locked(async () => {
    // Another tab was faster while this one waited for the lock.
    if (expires() > seen && expires() > Date.now()) return true;
    return exchange();
  });
}

async function exchange(): Promise<boolean> {
  let response: Response;
  try {
    response = await fetch("/v1/auth/refresh", { method: "POST", credentials: "same-origin" });
  } catch {
    // The server cannot be reached: the session may well go on. Whoever asked hears of the network by their own request.
    clearTimeout(timer);
    timer = setTimeout(() => void renew(), RETRY_MS);
    return true;
  }
  if (response.ok) {
    const told: unknown = await response.json();
    keepAlive(lifeOf(told));
    announce("renewed");
    return true;
  }
  if (response.status === 401) return false;
  // 409: another browser window was faster, its cookie is here already. 429, 5xx: ask again soon.
  clearTimeout(timer);
  timer = setTimeout(() => void renew(), RETRY_MS);
  return true;
}

function lifeOf(told: unknown): number {
  if (typeof told === "object" && told !== null && "expires_in" in told) return Number(told.expires_in);
  return 60;
}

async function locked(act: () => Promise<boolean>): Promise<boolean> {
  if (!navigator.locks) return single(act);
  return navigator.locks.request(LOCK, act);
}

let running: Promise<boolean> | null = null;

/** Without locks (pages that came by plain http from elsewhere) at least this tab asks once. */
function single(act: () => Promise<boolean>): Promise<boolean> {
  running ??= act().finally(() => (running = null));
  return running;
}
