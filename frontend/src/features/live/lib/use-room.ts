import { useLayoutEffect, useState, type RefObject } from "react";

/** An element's width, and the height from its top to the window's end. */
export function useRoom(element: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [room, setRoom] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const found = element.current;
    if (!found) return;
    const measure = () => {
      const { top, width } = found.getBoundingClientRect();
      const scrolled = document.getElementById("main")?.scrollTop ?? 0;
      const height = document.fullscreenElement ? innerHeight : innerHeight - top - scrolled;
      setRoom((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(found);
    addEventListener("resize", measure);
    return () => {
      watcher.disconnect();
      removeEventListener("resize", measure);
    };
  }, [element]);
  return room;
}
