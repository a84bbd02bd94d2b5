import { useTranslation } from "react-i18next";

import { useShortcut } from "@/hooks/use-shortcut";

interface Keys {
  /** False while nothing may be done, or nothing is there. */
  canHandle: boolean;
  onAcknowledge: () => void;
  onResolve: () => void;
  onAssignToMe: () => void;
  onComment: () => void;
}

/** A key means the page only while no dialog or menu is open over it. */
function unlessCovered(act: () => void): () => void {
  return () => {
    if (!document.querySelector("[role=dialog][data-state=open], [role=alertdialog][data-state=open], [role=menu]"))
      act();
  };
}

/** What is done with the chosen alert, or the selected ones, by one key. */
export function useTriageKeys({ canHandle, onAcknowledge, onResolve, onAssignToMe, onComment }: Keys): void {
  const { t } = useTranslation("alerts");
  useShortcut("a", t("key.acknowledge"), unlessCovered(onAcknowledge), canHandle);
  useShortcut("r", t("key.resolve"), unlessCovered(onResolve), canHandle);
  useShortcut("m", t("key.assign"), unlessCovered(onAssignToMe), canHandle);
  useShortcut("c", t("key.comment"), unlessCovered(onComment), canHandle);
}

/** In the queue: moving, opening, selecting. */
export function useQueueKeys(keys: {
  onMove: (step: 1 | -1) => void;
  onOpen: () => void;
  onSelect?: () => void;
}): void {
  const { t } = useTranslation("alerts");
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
  useShortcut(
    "x",
    t("key.select"),
    unlessCovered(() => keys.onSelect?.()),
    keys.onSelect !== undefined,
  );
}
