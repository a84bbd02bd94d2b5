import type { FaceSeen } from "@/client/types.gen";
import { isApiError } from "@/lib/errors";

export type { Box } from "./crop";

/** What the server measured in a picture that it refused, the principal face first. */
export function facesOf(error: unknown): FaceSeen[] {
  if (!isApiError(error) || !Array.isArray(error.problem.faces)) return [];
  return error.problem.faces.filter(isFace);
}

function isFace(given: unknown): given is FaceSeen {
  return typeof given === "object" && given !== null && "box" in given && "quality" in given;
}
