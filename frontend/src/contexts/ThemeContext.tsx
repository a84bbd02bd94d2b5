import { createContext, useEffect, useMemo, useState, type ReactNode } from "react";

import { useMediaQuery } from "@/hooks/use-media-query";
import { useLocalStorage } from "@/hooks/use-local-storage";

export type Theme = "light" | "dark" | "system";

export interface ThemeChoice {
  theme: Theme;
  /** What is shown. */
  shown: "light" | "dark";
  setTheme: (theme: Theme) => void;
}

export const ThemeContext = createContext<ThemeChoice | null>(null);

export function isTheme(value: unknown): value is Theme {
  return value === "light" || value === "dark" || value === "system";
}

/** public/before-paint.js goes by the same rules before anything is drawn. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, setTheme] = useLocalStorage<Theme>("sightline.theme", "system", isTheme, { plain: true });
  const systemIsDark = useMediaQuery("(prefers-color-scheme: dark)");
  const [root] = useState(() => document.documentElement);
  const shown = theme === "system" ? (systemIsDark ? "dark" : "light") : theme;

  useEffect(() => {
    root.classList.toggle("dark", shown === "dark");
  }, [root, shown]);

  const value = useMemo(() => ({ theme, shown, setTheme }) satisfies ThemeChoice, [theme, shown, setTheme]);
  return <ThemeContext value={value}>{children}</ThemeContext>;
}
