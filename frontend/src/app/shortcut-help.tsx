import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import { DESTINATIONS } from "@/app/navigation";
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { useAuth } from "@/hooks/use-auth";
import { shortcutStore, useShortcut } from "@/hooks/use-shortcut";
import { makeSignal } from "@/lib/signal";

const signal = makeSignal();
export const openHelp = signal.send;

/** All keys of the moment. */
export function ShortcutHelp() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const { hasPermission } = useAuth();
  const shortcuts = useSyncExternalStore(shortcutStore.subscribe, shortcutStore.get);
  useShortcut("?", t("shortcut.help"), () => setOpen(true));
  useEffect(() => signal.listen(() => setOpen(true)), []);

  const places = DESTINATIONS.filter(({ permission }) => hasPermission(permission));
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogContent className="max-h-[85dvh] overflow-y-auto">
        <DialogHeader>
          <DialogTitle>{t("user.shortcuts")}</DialogTitle>
          <DialogDescription>{t("shortcut.hint")}</DialogDescription>
        </DialogHeader>
        <dl className="grid gap-1.5">
          {shortcuts.map(({ id, keys, description }) => (
            <Row key={id} keys={keys.split("+")} text={description} />
          ))}
          {places.map(({ path, key, label }) => (
            <Row key={path} keys={["g", key]} text={t("shortcut.go", { page: t(label) })} />
          ))}
        </dl>
      </DialogContent>
    </Dialog>
  );
}

function Row({ keys, text }: { keys: string[]; text: string }) {
  return (
    <div className="flex items-center justify-between gap-4">
      <dt>{text}</dt>
      <dd className="flex gap-1" dir="ltr">
        {keys.map((key) => (
          <Kbd key={key}>{key === "mod" ? "Ctrl" : key}</Kbd>
        ))}
      </dd>
    </div>
  );
}
