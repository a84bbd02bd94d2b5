import { Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation } from "react-router";

import { CommandPalette } from "@/app/command-palette";
import { GoShortcuts } from "@/app/go-shortcuts";
import { Header } from "@/app/layout/Header";
import { Sidebar } from "@/app/layout/Sidebar";
import { useScrollMemory } from "@/app/layout/use-scroll-memory";
import { ClockNotice } from "@/app/notices/clock-notice";
import { ConnectionNotice } from "@/app/notices/connection-notice";
import { DemoNotice } from "@/app/notices/demo-notice";
import { VersionNotice } from "@/app/notices/version-notice";
import { RouteSkeleton } from "@/components/route-skeleton";
import { ShortcutHelp } from "@/app/shortcut-help";
import { useTitleBadge } from "@/hooks/use-title-badge";

/** Sidebar, header and the page; on a phone the sidebar is a drawer. */
export function MainLayout() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const main = useScrollMemory();
  useTitleBadge();
  const [isMenuOpen, setMenuOpen] = useState(false);

  useEffect(() => setMenuOpen(false), [pathname]);

  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-primary px-3 py-2 text-primary-foreground focus:not-sr-only focus:absolute focus:start-2 focus:top-2"
      >
        {t("skip")}
      </a>
      <Sidebar isOpen={isMenuOpen} onOpenChange={setMenuOpen} />
      <div className="flex min-w-0 flex-1 flex-col">
        <Header onMenu={() => setMenuOpen(true)} />
        <ConnectionNotice />
        <VersionNotice />
        <ClockNotice />
        <DemoNotice />
        <main ref={main} id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
          <Suspense fallback={<RouteSkeleton />}>
            {/* A page that wants the whole width and height takes the padding back: -m-4 md:-mx-6. */}
            <div className="min-h-full p-4 md:px-6">
              <Outlet />
            </div>
          </Suspense>
        </main>
      </div>
      <CommandPalette />
      <GoShortcuts />
      <ShortcutHelp />
    </div>
  );
}
