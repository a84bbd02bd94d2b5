import { Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useShortcut } from "@/hooks/use-shortcut";
import { lazyPart } from "@/lib/lazy-part";
import { makeSignal } from "@/lib/signal";

const PaletteDialog = lazyPart(async () => ({ default: (await import("@/app/palette-dialog")).PaletteDialog }));
const signal = makeSignal();
export const openPalette = signal.send;

/** Ctrl K; its dialog is fetched when it is first opened. */
export function CommandPalette() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  useShortcut("mod+k", t("shortcut.palette"), () => setOpen(true));
  useEffect(() => signal.listen(() => setOpen(true)), []);
  return <Suspense>{isOpen && <PaletteDialog onClose={() => setOpen(false)} />}</Suspense>;
}
