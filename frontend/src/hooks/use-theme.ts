import { use } from "react";

import { ThemeContext, type ThemeChoice } from "@/contexts/ThemeContext";

export function useTheme(): ThemeChoice {
  const theme = use(ThemeContext);
  if (!theme) throw new Error("useTheme outside of ThemeProvider");
  return theme;
}
