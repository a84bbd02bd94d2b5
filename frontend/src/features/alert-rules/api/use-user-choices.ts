import { useQuery } from "@tanstack/react-query";

import { listUsersOptions } from "@/client/@tanstack/react-query.gen";
import { useAuth } from "@/hooks/use-auth";

/** Accounts that may be told by their browsers. */
export function useUserChoices() {
  const enabled = useAuth().hasPermission("manage_users");
  const users = useQuery({ ...listUsersOptions({ query: { limit: 200, is_active: true } }), enabled });
  return (users.data?.items ?? [])
    .filter(({ role }) => role !== "auditor")
    .map(({ id, username, email }) => ({ value: id, label: username, description: email ?? undefined }));
}
