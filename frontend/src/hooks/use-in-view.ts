import { useEffect, useState, type RefObject } from "react";

/** Whether an element is in sight: within the window, and the tab in front. */
export function useInView(element: RefObject<Element | null>): boolean {
  const [isNear, setNear] = useState(false);
  const [isFront, setFront] = useState(() => !document.hidden);

  useEffect(() => {
    const told = () => setFront(!document.hidden);
    document.addEventListener("visibilitychange", told);
    return () => document.removeEventListener("visibilitychange", told);
  }, []);

  useEffect(() => {
    if (!element.current) return;
    const watcher = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting ?? false));
    watcher.observe(element.current);
    return () => watcher.disconnect();
  }, [element]);

  return isNear && isFront;
}
