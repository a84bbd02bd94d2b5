import { useLayoutEffect, useState } from "react";

/** Pixels that the page has between header and edge: panes that scroll by themselves take them. */
export function useMainHeight(): number | undefined {
  const [height, setHeight] = useState<number>();
  useLayoutEffect(() => {
    const main = document.getElementById("main");
    if (!main) return;
    const measure = () => setHeight(main.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(main);
    return () => observer.disconnect();
  }, []);
  return height;
}
