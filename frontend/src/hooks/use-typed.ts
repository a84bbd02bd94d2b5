import { useEffect, useEffectEvent, useState } from "react";

const PAUSE_MS = 400;

/** A text that is told when typing pauses, not with each key: what is typed, and how to type on. */
export function useTyped(value: string, onSettled: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  // What comes from elsewhere (a link, "clear") is shown; one's own words come back as they are.
  if (value !== told) {
    setTold(value);
    if (value !== text.trim()) setText(value);
  }
  const tell = useEffectEvent(onSettled);
  useEffect(() => {
    if (text.trim() === told) return;
    const timer = setTimeout(() => tell(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, told]);
  return [text, setText];
}
