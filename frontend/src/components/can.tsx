import type { ReactNode } from "react";

import { useAuth } from "@/hooks/use-auth";

/** Shows its children to whom the permission was given. */
export function Can({ permission, children }: { permission: string; children: ReactNode }) {
  return useAuth().hasPermission(permission) ? children : null;
}
