import { useState, type ReactNode } from "react";
import { QueryClientProvider } from "@tanstack/react-query";
import { Direction } from "radix-ui";
import { useTranslation } from "react-i18next";

import { PurposeDialog } from "@/app/notices/purpose-dialog";
import { TooltipProvider } from "@/components/ui/tooltip";
import { Toaster } from "@/components/ui/sonner";
import { AuthProvider } from "@/contexts/AuthContext";
import { EventsProvider } from "@/contexts/EventsContext";
import { ThemeProvider } from "@/contexts/ThemeContext";
import { makeQueryClient } from "@/lib/query";

export function Providers({ children }: { children: ReactNode }) {
  const [cache] = useState(makeQueryClient);
  const { i18n } = useTranslation();
  return (
    <ThemeProvider>
      <Direction.Provider dir={i18n.dir()}>
        <QueryClientProvider client={cache}>
          <AuthProvider>
            <EventsProvider>
              <TooltipProvider delayDuration={300}>
                {children}
                <PurposeDialog />
                <Toaster />
              </TooltipProvider>
            </EventsProvider>
          </AuthProvider>
        </QueryClientProvider>
      </Direction.Provider>
    </ThemeProvider>
  );
}
