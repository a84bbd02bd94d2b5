import { useEffect, useRef, useState, type ComponentProps, type FocusEvent, type KeyboardEvent } from "react";

import { Input } from "@/components/ui/input";

/** Between two keys of somebody who types. */
const PAUSE_MS = 250;

type Props = Omit<ComponentProps<typeof Input>, "value" | "onChange" | "type"> & {
  /** What is searched for, by the address of the page. */
  value: string;
  /** Told when the typing pauses, by Enter, and when one goes on to something else. */
  onChange: (value: string) => void;
};

/** A field whose text is part of the address. The address follows who types, who may be faster than it. */
export function SearchInput({ value, onChange, onKeyDown, onBlur, ...rest }: Props) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const sent = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (value === known) return;
    setKnown(value);
    const at = sent.current.indexOf(value);
    // Our own, come late; anything else is of a link, the back button or "clear".
    if (at >= 0) sent.current.splice(0, at + 1);
    else {
      clearTimeout(timer.current);
      sent.current = [];
      setText(value);
    }
  }, [value, known]);

  function tell(next: string) {
    clearTimeout(timer.current);
    if (next === (sent.current.at(-1) ?? value)) return;
    sent.current.push(next);
    onChange(next);
  }

  function type(next: string) {
    setText(next);
    clearTimeout(timer.current);
    if (next === "") tell(next);
    else timer.current = setTimeout(() => tell(next), PAUSE_MS);
  }

  function press(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === "Enter") tell(text);
    onKeyDown?.(event);
  }

  /** A click on a link begins here: told later, the address would lead back from the page that is being fetched. */
  function leave(event: FocusEvent<HTMLInputElement>) {
    if (text !== value) tell(text);
    onBlur?.(event);
  }

  return (
    <Input
      {...rest}
      type="search"
      value={text}
      onChange={(event) => type(event.target.value)}
      onKeyDown={press}
      onBlur={leave}
    />
  );
}
