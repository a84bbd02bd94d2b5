import { createContext, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";

import { getMe, logIn, logOut } from "@/client/sdk.gen";
import type { LoginIn, MeOut } from "@/client/types.gen";
import { isApiError } from "@/lib/errors";
import { announce, forget, keepAlive, onSession, renew, schedule } from "@/lib/session";
import { setPurpose } from "@/lib/purpose";

export type Credentials = Omit<LoginIn, "transport">;
/** ended: the session is over, but the page stays until somebody logs in again over it: nothing typed is lost. */
export type AuthState = "loading" | "anonymous" | "authenticated" | "ended" | "unreachable";

export interface Auth {
  state: AuthState;
  user: MeOut | null;
  isAuthenticated: boolean;
  login: (given: Credentials) => Promise<void>;
  logout: () => Promise<void>;
  /** Ask again who is logged in, after a change of one's own account or when the server was away. */
  refresh: () => Promise<void>;
  hasPermission: (permission: string) => boolean;
}

/** Nothing is shown before it is known who is there: what answers later counts as away, and is asked again. */
const PATIENCE_MS = 15_000;

export const AuthContext = createContext<Auth | null>(null);

export function AuthProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const [state, setState] = useState<AuthState>("loading");
  const [user, setUser] = useState<MeOut | null>(null);

  const refresh = useCallback(async () => {
    try {
      const { data } = await getMe({ signal: AbortSignal.timeout(PATIENCE_MS) });
      setUser(data);
      setState("authenticated");
      schedule();
    } catch (error) {
      setState((old) => afterFailure(error, old));
    }
  }, []);

  useEffect(() => {
    void refresh();
  }, [refresh]);

  useEffect(
    () =>
      onSession((news) => {
        if (news === "ended")
          setState((old) => (old === "authenticated" ? "ended" : old === "loading" ? "anonymous" : old));
        if (news === "began") void refresh();
      }),
    [refresh],
  );

  const login = useCallback(
    async (given: Credentials) => {
      const before = user?.user_id;
      const { data } = await logIn({ body: { ...given, transport: "cookie" } });
      keepAlive(data.expires_in);
      const { data: me } = await getMe();
      // Another person at the same browser sees nothing of whoever was there before.
      if (before !== me.user_id) cache.clear();
      setUser(me);
      setState("authenticated");
      announce("began");
    },
    [cache, user],
  );

  const logout = useCallback(async () => {
    await logOut();
    forget();
    setPurpose(null);
    setUser(null);
    setState("anonymous");
    cache.clear();
    announce("ended");
  }, [cache]);

  const value = useMemo<Auth>(
    () => ({
      state,
      user,
      isAuthenticated: state === "authenticated" || state === "ended",
      login,
      logout,
      refresh,
      hasPermission: (permission) => user?.permissions.includes(permission) ?? false,
    }),
    [state, user, login, logout, refresh],
  );
  return <AuthContext value={value}>{children}</AuthContext>;
}

function afterFailure(error: unknown, old: AuthState): AuthState {
  if (isApiError(error) && error.status === 401) return old === "authenticated" ? "ended" : "anonymous";
  return old === "loading" ? "unreachable" : old;
}

/** For the WebSocket: whether its refused login could be renewed. */
export async function renewOrEnd(): Promise<boolean> {
  if (await renew()) return true;
  forget();
  announce("ended");
  return false;
}
