import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { useTyped } from "./use-typed";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what is typed is told once, when typing pauses; what comes from elsewhere is shown", () => {
  const told = vi.fn();
  const { result, rerender } = renderHook(({ value }) => useTyped(value, told), { initialProps: { value: "" } });
  for (const text of ["V", "VI", "VIEW "]) act(() => result.current[1](text));
  expect(told).not.toHaveBeenCalled();
  act(() => void vi.advanceTimersByTime(1000));
  expect(told.mock.calls).toEqual([["VIEW"]]);
  rerender({ value: "VIEW" });
  expect(result.current[0]).toBe("VIEW ");
  rerender({ value: "" });
  expect(result.current[0]).toBe("");
  act(() => void vi.advanceTimersByTime(1000));
  expect(told).toHaveBeenCalledTimes(1);
});
