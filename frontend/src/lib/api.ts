import { client } from "@/client/client.gen";
import { noteTime } from "@/lib/clock";
import { isApiError, toApiError } from "@/lib/errors";
import { askForPurpose, currentPurpose, purposeHeader } from "@/lib/purpose";
import { isOfProxy, missed, reached } from "@/lib/reach";
import { announce, forget, renew } from "@/lib/session";

/** Routes of logging in answer 401 themselves; nothing is renewed for them. */
const BY_THEMSELVES = /\/v1\/auth\/(login|logout|refresh)$/;
const WITH_PURPOSE = /\/v1\/(subjects|sightings|searches|alerts|media|cameras\/[^/]+\/snapshot)/;

/** fetch with the session's cookies: renews an ended token and repeats, asks for a purpose where the house wants one. */
export async function request(input: Request): Promise<Response> {
  const first = await send(prepared(input));
  if (first.status === 401 && !BY_THEMSELVES.test(new URL(input.url).pathname)) return afterRenewal(input, first);
  if (first.status === 422) return afterPurpose(input, first);
  return first;
}

async function send(input: Request): Promise<Response> {
  const sentAt = Date.now();
  try {
    const answer = await fetch(input);
    noteTime(answer, sentAt);
    if (isOfProxy(answer)) missed();
    else reached();
    return answer;
  } catch (failure) {
    if (!input.signal.aborted || isTimeout(input.signal.reason)) missed();
    throw failure;
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

function prepared(input: Request): Request {
  const copy = new Request(input.clone(), { credentials: "same-origin" });
  const purpose = currentPurpose();
  if (purpose && WITH_PURPOSE.test(new URL(input.url).pathname) && !copy.headers.has("Sightline-Purpose"))
    copy.headers.set("Sightline-Purpose", purposeHeader(purpose));
  return copy;
}

async function afterRenewal(input: Request, first: Response): Promise<Response> {
  const problem = await codeOf(first);
  if (problem !== "unauthenticated") return first;
  if (!(await renew())) {
    forget();
    announce("ended");
    return first;
  }
  return send(prepared(input));
}

async function afterPurpose(input: Request, first: Response): Promise<Response> {
  if ((await codeOf(first)) !== "purpose_required") return first;
  const purpose = await askForPurpose();
  return purpose ? send(prepared(input)) : first;
}

async function codeOf(response: Response): Promise<string | null> {
  try {
    const told: unknown = await response.clone().json();
    return typeof told === "object" && told !== null && "code" in told ? String(told.code) : null;
  } catch {
    return null; // a proxy's page instead of a problem
  }
}

/** Once, before anything is asked. */
export function configureApi(): void {
  client.setConfig({
    baseUrl: location.origin,
    // Routes of the client are called with Request objects only.
    fetch: (input) => request(input instanceof Request ? input : new Request(input)),
    querySerializer: { array: { explode: true, style: "form" } },
  });
  client.interceptors.error.use((error, response) => toApiError(error, response));
}

/** Whether asking again may help: never for what the server refused. */
export function mayRetry(failures: number, error: unknown): boolean {
  if (!isApiError(error)) return false;
  return failures < 2 && (error.status === 0 || error.status >= 500);
}
