import { isApiError } from "@/lib/errors";

export interface LoginProblem {
  /** Of the namespace account. */
  key: string;
  values: Record<string, number>;
  asksForCode: boolean;
}

/** What to tell somebody whose login was refused; never which of name, password and code was wrong.
 * withCode: a code was given too. */
export function loginProblem(error: unknown, withCode = false): LoginProblem {
  const problem = (key: string, values: Record<string, number> = {}) => ({ key, values, asksForCode: false });
  if (!isApiError(error)) return problem("login.failed");
  if (error.code === "second_factor_required") return { ...problem("login.refusedWithCode"), asksForCode: true };
  if (error.code === "login_refused") return problem(withCode ? "login.refusedWithCode" : "login.refused");
  if (error.code === "too_many_attempts" || error.code === "rate_limited")
    return problem("login.locked", { count: Math.ceil((error.retryAfter ?? 60) / 60) });
  if (error.status === 0) return problem("login.unreachable");
  return problem("login.failed");
}
