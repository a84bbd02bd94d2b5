import { Menu, Search } from "lucide-react";
import { useTranslation } from "react-i18next";

import { openPalette } from "@/app/command-palette";
import { UserMenu } from "@/app/layout/user-menu";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";

export function Header({ onMenu }: { onMenu: () => void }) {
  const { t } = useTranslation();
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b bg-background px-3">
      <Button variant="ghost" size="icon" className="md:hidden" onClick={onMenu} aria-label={t("nav.open")}>
        <Menu aria-hidden />
      </Button>
      <Button
        variant="outline"
        className="min-w-0 justify-start gap-2 text-muted-foreground sm:w-64"
        onClick={openPalette}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <Search className="size-4 shrink-0" aria-hidden />
        <span className="truncate">{t("palette.open")}</span>
        <Kbd className="ms-auto hidden sm:inline-flex">Ctrl K</Kbd>
      </Button>
      <div className="ms-auto flex items-center gap-1">
        <UserMenu />
      </div>
    </header>
  );
}
