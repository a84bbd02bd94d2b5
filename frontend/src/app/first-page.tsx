import { Navigate } from "react-router";

import { DESTINATIONS } from "@/app/navigation";
import { useAuth } from "@/hooks/use-auth";

/** Where somebody begins: the dashboard, or the first page that their role may see. */
export function FirstPage() {
  const { hasPermission } = useAuth();
  const first = DESTINATIONS.find(({ permission }) => hasPermission(permission));
  return <Navigate to={first?.path ?? "/account"} replace />;
}
