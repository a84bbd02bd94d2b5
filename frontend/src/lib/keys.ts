/** Keys as shortcuts mean them, whatever script the keyboard writes. */

const ARABIC_QUESTION_MARK = "\u061f";
const LATIN = /\p{Script=Latin}/u;
const ASCII = /^[\x20-\x7e]+$/;

type Pressed = Pick<KeyboardEvent, "key" | "code">;

/** "a", "?", "escape": what the key writes; where it writes no Latin letter, the letter that is printed beside it.
 *
 * Keyboards with Latin letters differ in where these stand (AZERTY, QWERTZ), so what is written goes first.
 */
export function keyOf({ key, code }: Pressed): string {
  const written = (key === ARABIC_QUESTION_MARK ? "?" : key.normalize("NFKC")).toLowerCase();
  if (ASCII.test(written) || LATIN.test(written)) return written;
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  return code === "Slash" ? "/" : written;
}

type Combined = Pressed & Pick<KeyboardEvent, "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** Whether this is "j", "shift+a", "mod+k" (Ctrl, on a Mac Command) or "?". */
export function isPressed(keys: string, event: Combined, isMac = /mac/i.test(navigator.userAgent)): boolean {
  const parts = keys.toLowerCase().split("+");
  const key = parts.pop() ?? "";
  if (keyOf(event) !== key) return false;
  const isMod = parts.includes("mod");
  if (event.ctrlKey !== (isMod && !isMac) || event.metaKey !== (isMod && isMac)) return false;
  // Where signs such as ? are, and with which of these, differs between keyboards.
  if (/^[^\w]$/.test(key)) return true;
  return event.altKey === parts.includes("alt") && event.shiftKey === parts.includes("shift");
}
