import { CircleUserRound, Keyboard, Languages, LogOut, SunMoon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { openHelp } from "@/app/shortcut-help";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuSub,
  DropdownMenuSubContent,
  DropdownMenuSubTrigger,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { isTheme } from "@/contexts/ThemeContext";
import { useAuth } from "@/hooks/use-auth";
import { useTheme } from "@/hooks/use-theme";
import { changeLanguage, isLanguage, LANGUAGES } from "@/lib/i18n";
import { toastError } from "@/lib/toast";

export function UserMenu() {
  const { t } = useTranslation();
  const { user, logout } = useAuth();
  const navigate = useNavigate();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" className="gap-2" aria-label={t("user.menu", { name: user?.username ?? "" })}>
          <CircleUserRound aria-hidden />
          <span dir="auto" className="hidden max-w-40 truncate sm:inline">
            {user?.username}
          </span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="w-56">
        <DropdownMenuLabel className="font-normal text-muted-foreground">
          {t(`role.${user?.role ?? "viewer"}`)}
        </DropdownMenuLabel>
        <DropdownMenuItem onSelect={() => void navigate("/account")}>
          <CircleUserRound aria-hidden />
          {t("user.account")}
        </DropdownMenuItem>
        <ThemeChoice />
        <LanguageChoice />
        <DropdownMenuItem onSelect={openHelp}>
          <Keyboard aria-hidden />
          {t("user.shortcuts")}
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => void logout().catch(toastError)}>
          <LogOut className="rtl:rotate-180" aria-hidden />
          {t("user.logout")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function ThemeChoice() {
  const { t } = useTranslation();
  const { theme, setTheme } = useTheme();
  return (
    <DropdownMenuSub>
      <DropdownMenuSubTrigger>
        <SunMoon aria-hidden />
        {t("user.theme")}
      </DropdownMenuSubTrigger>
      <DropdownMenuSubContent>
        <DropdownMenuRadioGroup value={theme} onValueChange={(chosen) => isTheme(chosen) && setTheme(chosen)}>
          {(["light", "dark", "system"] as const).map((one) => (
            <DropdownMenuRadioItem key={one} value={one}>
              {t(`theme.${one}`)}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuSubContent>
    </DropdownMenuSub>
  );
}

function LanguageChoice() {
  const { t, i18n } = useTranslation();
  return (
    <DropdownMenuSub>
      <DropdownMenuSubTrigger>
        <Languages aria-hidden />
        {t("user.language")}
      </DropdownMenuSubTrigger>
      <DropdownMenuSubContent>
        <DropdownMenuRadioGroup
          value={i18n.language}
          onValueChange={(chosen) => isLanguage(chosen) && void changeLanguage(chosen)}
        >
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <DropdownMenuRadioItem key={code} value={code} lang={code}>
              {name}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuSubContent>
    </DropdownMenuSub>
  );
}
