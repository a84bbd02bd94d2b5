export type CameraProblem = "denied" | "missing" | "busy" | "insecure" | "failed";

const KNOWN: Record<string, CameraProblem> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Why this computer's camera shows nothing. Browsers hide cameras from pages that came by plain http. */
export function cameraProblem(error: unknown, isSecure: boolean): CameraProblem {
  if (!isSecure) return "insecure";
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return KNOWN[name] ?? "failed";
}
