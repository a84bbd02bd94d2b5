import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { request } from "@/lib/api";
import { toApiError } from "@/lib/errors";
import { installAsker, setPurpose } from "@/lib/purpose";
import { onReached } from "@/lib/reach";
import { forget, onSession } from "@/lib/session";

const problem = (status: number, code: string) => new Response(JSON.stringify({ code }), { status });
const ok = () => new Response("{}", { status: 200 });
const ask = (path: string, init?: RequestInit) => request(new Request(`http://house${path}`, init));

describe("a request of the interface", () => {
  const seen: Request[] = [];
  let answers: (() => Response)[] = [];

  beforeEach(() => {
    seen.length = 0;
    vi.stubGlobal("fetch", async (input: Request | string) => {
      seen.push(input instanceof Request ? input : new Request(new URL(input, "http://house")));
      return (answers.shift() ?? ok)();
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    setPurpose(null);
    forget();
  });

  it("renews an ended token and is sent again, with its body", async () => {
    answers = [() => problem(401, "unauthenticated"), () => new Response('{"expires_in":900}'), ok];
    const answer = await ask("/v1/cameras", { method: "POST", body: '{"name":"Door"}' });
    expect(answer.status).toBe(200);
    expect(seen.map(({ url }) => new URL(url).pathname)).toEqual(["/v1/cameras", "/v1/auth/refresh", "/v1/cameras"]);
    expect(await seen[2]?.text()).toBe('{"name":"Door"}');
  });

  it("tells everybody when the session is over", async () => {
    answers = [() => problem(401, "unauthenticated"), () => problem(401, "unauthenticated")];
    const news: string[] = [];
    const stop = onSession((one) => news.push(one));
    expect((await ask("/v1/cameras")).status).toBe(401);
    expect(news).toEqual(["ended"]);
    stop();
  });

  it("leaves a refused login alone", async () => {
    answers = [() => problem(401, "login_refused")];
    expect((await ask("/v1/auth/login", { method: "POST" })).status).toBe(401);
    expect(seen).toHaveLength(1);
  });

  it("asks for a purpose once and states it from then on, encoded where it has to be", async () => {
    answers = [() => problem(422, "purpose_required"), ok, ok];
    const stop = installAsker(async () => "Fall Müller");
    expect((await ask("/v1/subjects/1")).status).toBe(200);
    await ask("/v1/sightings");
    const stated = seen.map(({ headers }) => headers.get("Sightline-Purpose"));
    expect(stated).toEqual([null, "Fall%20M%C3%BCller", "Fall%20M%C3%BCller"]);
    stop();
  });

  it("says nothing of a purpose where no people are shown", async () => {
    setPurpose("Case 7");
    await ask("/v1/cameras");
    expect(seen[0]?.headers.has("Sightline-Purpose")).toBe(false);
  });

  it("hands the refusal on where nobody states one", async () => {
    answers = [() => problem(422, "purpose_required")];
    const stop = installAsker(async () => null);
    expect((await ask("/v1/subjects/1")).status).toBe(422);
    stop();
  });

  it("tells whoever waits when the server answers again, also behind a proxy", async () => {
    const heard = vi.fn();
    const stop = onReached(heard);
    await ask("/v1/cameras");
    expect(heard).not.toHaveBeenCalled();
    answers = [() => new Response("<h1>Bad Gateway</h1>", { status: 502 })];
    await ask("/v1/cameras");
    await ask("/v1/cameras");
    expect(heard).toHaveBeenCalledTimes(1);
    await ask("/v1/cameras");
    expect(heard).toHaveBeenCalledTimes(1);
    stop();
  });

  it("knows a server that is away from one that refuses", () => {
    const ofProxy = new Response("Bad Gateway", { status: 502 });
    expect(toApiError("Bad Gateway", ofProxy)).toMatchObject({ code: "unreachable", status: 0 });
    const told = { code: "service_unavailable", detail: "busy" };
    const busy = new Response("{}", { status: 503, headers: { "Content-Type": "application/problem+json" } });
    expect(toApiError(told, busy)).toMatchObject({ code: "service_unavailable", status: 503 });
  });
});
