import { describe, expect, it } from "vitest";

import { isPressed, keyOf } from "@/lib/keys";

const NONE = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const press = (key: string, code: string, held: Partial<typeof NONE> = {}) => ({ key, code, ...NONE, ...held });

describe("the key that somebody means", () => {
  it.each([
    ["a", "KeyA", "a", "English"],
    ["A", "KeyA", "a", "capitals locked"],
    ["a", "KeyQ", "a", "French: the letter that is written"],
    ["ش", "KeyA", "a", "Arabic: the letter printed beside it"],
    ["لا", "KeyB", "b", "Arabic, two letters by one key"],
    ["ф", "KeyA", "a", "Russian"],
    ["γ", "KeyG", "g", "Greek"],
    ["म", "KeyC", "c", "Hindi"],
    ["ㅓ", "KeyJ", "j", "Korean"],
    ["ｊ", "KeyJ", "j", "Japanese, wide"],
    ["ö", "Semicolon", "ö", "German: no other letter"],
    ["ı", "KeyI", "ı", "Turkish: a Latin letter of its own"],
    ["ظ", "Slash", "/", "Arabic"],
    ["؟", "Slash", "?", "Arabic"],
    [".", "Slash", ".", "Russian: a sign is what it says"],
    ["Escape", "Escape", "escape", "a key with a name"],
  ])("%s on %s is %s (%s)", (key, code, meant) => expect(keyOf({ key, code })).toBe(meant));
});

describe("a shortcut", () => {
  it("is pressed with its modifiers and no other", () => {
    expect(isPressed("j", press("j", "KeyJ"))).toBe(true);
    expect(isPressed("j", press("j", "KeyJ", { ctrlKey: true }))).toBe(false);
    expect(isPressed("j", press("J", "KeyJ", { shiftKey: true }))).toBe(false);
    expect(isPressed("shift+a", press("ِ", "KeyA", { shiftKey: true }))).toBe(true);
  });

  it("is Ctrl, on a Mac Command, in any script", () => {
    expect(isPressed("mod+k", press("ن", "KeyK", { ctrlKey: true }), false)).toBe(true);
    expect(isPressed("mod+k", press("л", "KeyK", { metaKey: true }), true)).toBe(true);
    expect(isPressed("mod+k", press("k", "KeyK", { ctrlKey: true }), true)).toBe(false);
  });

  it("is a sign wherever the keyboard has it", () => {
    expect(isPressed("?", press("?", "Minus", { shiftKey: true }))).toBe(true);
    expect(isPressed("?", press("؟", "Slash", { shiftKey: true }))).toBe(true);
    expect(isPressed("/", press("/", "Digit7", { shiftKey: true }))).toBe(true);
    expect(isPressed("/", press("/", "Slash", { ctrlKey: true }))).toBe(false);
  });
});
