import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { useSettled } from "@/hooks/use-settled";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("follows what is typed when the typing pauses, and at once when it is cleared", () => {
  const seen = new Set<string>();
  const { result, rerender } = renderHook(({ text }) => useSettled(text), { initialProps: { text: "" } });
  for (const text of ["h", "ha", "hal", "hall"]) {
    rerender({ text });
    act(() => void vi.advanceTimersByTime(100));
    seen.add(result.current);
  }
  act(() => void vi.advanceTimersByTime(250));
  seen.add(result.current);
  expect([...seen]).toEqual(["", "hall"]);
  rerender({ text: "" });
  act(() => void vi.advanceTimersByTime(0));
  expect(result.current).toBe("");
});
