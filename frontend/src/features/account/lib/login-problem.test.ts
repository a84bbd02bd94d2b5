import { describe, expect, it } from "vitest";

import { ApiError } from "@/lib/errors";

import { loginProblem } from "./login-problem";

const refused = (code: string, status: number, retryAfter: number | null = null) =>
  new ApiError({ code, title: "" }, status, retryAfter);

describe("what a refused login says", () => {
  it("asks for a code where the account has a second factor", () => {
    expect(loginProblem(refused("second_factor_required", 401))).toMatchObject({ asksForCode: true });
  });

  it("says for how many minutes nobody may try", () => {
    const locked = loginProblem(refused("too_many_attempts", 429, 301));
    expect(locked).toMatchObject({ key: "login.locked", values: { count: 6 } });
  });

  it.each([
    [refused("login_refused", 401), "login.refused"],
    [refused("unreachable", 0), "login.unreachable"],
    [refused("service_unavailable", 503), "login.failed"],
    [new Error("a bug"), "login.failed"],
  ])("%s", (error, key) => {
    expect(loginProblem(error)).toMatchObject({ key, asksForCode: false });
  });
});
