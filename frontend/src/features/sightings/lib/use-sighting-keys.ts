import { useTranslation } from "react-i18next";

import { useShortcut } from "@/hooks/use-shortcut";

/** A key means the page only while no dialog or menu is open over it. */
export function unlessCovered(act: () => void): () => void {
  return () => {
    if (!document.querySelector("[role=dialog][data-state=open], [role=alertdialog][data-state=open], [role=menu]"))
      act();
  };
}

interface Keys {
  onMove: (step: 1 | -1) => void;
  onOpen: () => void;
  /** May decide about sightings. */
  canDecide: boolean;
  onConfirm: () => void;
  onReject: () => void;
  onAssign: () => void;
  onSelect: () => void;
}

/** Going through sightings, and deciding about them, by one key each. */
export function useSightingKeys(keys: Keys): void {
  const { t } = useTranslation("sightings");
  const { canDecide } = keys;
  useShortcut(
    "j",
    t("key.next"),
    unlessCovered(() => keys.onMove(1)),
  );
  useShortcut(
    "k",
    t("key.previous"),
    unlessCovered(() => keys.onMove(-1)),
  );
  useShortcut("o", t("key.open"), unlessCovered(keys.onOpen));
  useShortcut("c", t("key.confirm"), unlessCovered(keys.onConfirm), canDecide);
  useShortcut("x", t("key.reject"), unlessCovered(keys.onReject), canDecide);
  useShortcut("a", t("key.assign"), unlessCovered(keys.onAssign), canDecide);
  useShortcut("s", t("key.select"), unlessCovered(keys.onSelect), canDecide);
}
