import { useRef } from "react";

interface Handlers {
  onOpenAutoFocus?: (event: Event) => void;
  onCloseAutoFocus?: (event: Event) => void;
}

/** What had the focus; for a menu's item, which is gone by then, the button of the menu. */
function opener(): HTMLElement | null {
  const active = document.activeElement;
  const trigger = active?.closest('[role="menu"]')?.getAttribute("aria-labelledby");
  const element = trigger ? document.getElementById(trigger) : active;
  return element instanceof HTMLElement && element !== document.body ? element : null;
}

/** Dialogs that are opened by state have no trigger of radix to which the focus would return. */
export function useReturnFocus({ onOpenAutoFocus, onCloseAutoFocus }: Handlers): Required<Handlers> {
  const from = useRef<HTMLElement | null>(null);
  return {
    onOpenAutoFocus: (event) => {
      from.current = opener();
      onOpenAutoFocus?.(event);
    },
    onCloseAutoFocus: (event) => {
      onCloseAutoFocus?.(event);
      if (event.defaultPrevented || !from.current?.isConnected) return;
      event.preventDefault();
      from.current.focus();
    },
  };
}
