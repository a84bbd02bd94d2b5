import { useRef } from "react";
import { useHotkeys } from "react-hotkeys-hook";
import { useNavigate } from "react-router";

import { DESTINATIONS } from "@/app/navigation";
import { useAuth } from "@/hooks/use-auth";
import { isPressed } from "@/lib/keys";

/** Within which the second key follows the first. */
const PATIENCE_MS = 1_000;

/** g and a letter lead to a page. */
export function GoShortcuts() {
  const { hasPermission } = useAuth();
  const navigate = useNavigate();
  const began = useRef(-PATIENCE_MS);

  function follow(event: KeyboardEvent) {
    if (event.timeStamp - began.current > PATIENCE_MS) {
      if (isPressed("g", event)) began.current = event.timeStamp;
      return;
    }
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    began.current = -PATIENCE_MS;
    const found = DESTINATIONS.find(({ key, permission }) => isPressed(key, event) && hasPermission(permission));
    if (!found) return;
    // The letter alone may be a key of the page.
    event.stopImmediatePropagation();
    event.preventDefault();
    void navigate(found.path);
  }

  useHotkeys("*", follow, { eventListenerOptions: { capture: true } }, [follow]);
  return null;
}
