import { use } from "react";

import { AuthContext, type Auth } from "@/contexts/AuthContext";

/** Who is logged in, and what they may. What is shown goes by it; what is allowed the server decides. */
export function useAuth(): Auth {
  const auth = use(AuthContext);
  if (!auth) throw new Error("useAuth outside of AuthProvider");
  return auth;
}
