import { isApiError } from "@/lib/errors";

export interface LoginProblem {
  /** Of the namespace account. */
  key: string;
  values: Record<string, number>;
  asksForCode: boolean;
}

/** What to tell somebody whose login was refused; never which of name and password was wrong. */
export function loginProblem(error: unknown): LoginProblem {
  const problem = (key: string, values: Record<string, number> = {}) => ({ key, values, asksForCode: false });
  if (!isApiError(error)) return problem("login.failed");
  if (error.code === "second_factor_required") return { ...problem("login.codeWrong"), asksForCode: true };
  if (error.code === "login_refused") return problem("login.refused");
  if (error.code === "too_many_attempts" || error.code === "rate_limited")
    return problem("login.locked", { count: Math.ceil((error.retryAfter ?? 60) / 60) });
  if (error.status === 0) return problem("login.unreachable");
  return problem("login.failed");
}
