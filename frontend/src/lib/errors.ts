import type { FieldProblem, Problem } from "@/client/types.gen";
import { isOfProxy } from "@/lib/reach";

/** What the API refused (RFC 9457), or that it could not be reached. Go by `code`, show `detail` and `hint`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint: string;
  readonly errors: FieldProblem[];
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
  /** The whole problem, for members of single codes such as `faces` and `resembles`. */
  readonly problem: Record<string, unknown>;

  constructor(problem: Partial<Problem> & Record<string, unknown>, status: number, retryAfter: number | null = null) {
    super(problem.detail ?? problem.title ?? `status ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.detail = problem.detail ?? "";
    this.hint = problem.hint ?? "";
    this.errors = fieldErrors(problem.errors);
    this.requestId = typeof problem.request_id === "string" ? problem.request_id : null;
    this.retryAfter = retryAfter;
    this.problem = problem;
  }
}

function fieldErrors(given: unknown): FieldProblem[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((one: unknown) =>
    isRecord(one) ? [{ field: String(one.field ?? ""), message: String(one.message ?? "") }] : [],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** From whatever the generated client caught: a problem, text of a proxy, or a fetch that failed. */
export function toApiError(caught: unknown, response: Response | undefined): unknown {
  if (caught instanceof ApiError || (caught instanceof DOMException && caught.name === "AbortError")) return caught;
  if (!response || isOfProxy(response))
    return new ApiError({ code: "unreachable", title: "The server cannot be reached" }, 0);
  const retryAfter = Number(response.headers.get("Retry-After"));
  const problem = isRecord(caught) ? caught : { title: response.statusText };
  return new ApiError(problem, response.status, Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null);
}

export function isApiError(error: unknown, ...codes: string[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}
