import { useCallback, useEffect, useState, type RefObject } from "react";

import { toastError } from "@/lib/toast";

/** Whether an element fills the screen, and a switch for it. */
export function useFullscreen(element: RefObject<HTMLElement | null>): [boolean, () => void] {
  const [isFull, setFull] = useState(false);

  useEffect(() => {
    const told = () => setFull(element.current !== null && document.fullscreenElement === element.current);
    document.addEventListener("fullscreenchange", told);
    return () => document.removeEventListener("fullscreenchange", told);
  }, [element]);

  const toggle = useCallback(() => {
    const done =
      document.fullscreenElement === element.current ? document.exitFullscreen() : element.current?.requestFullscreen();
    done?.catch(toastError);
  }, [element]);

  return [isFull, toggle];
}

export const CAN_FILL = document.fullscreenEnabled; // phones of one maker cannot
