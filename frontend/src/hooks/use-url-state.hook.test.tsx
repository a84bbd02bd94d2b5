import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { useUrlState } from "@/hooks/use-url-state";

const schema = z.object({ tab: z.enum(["list", "grid"]).default("list"), q: z.string().default("") });
const wrapper = ({ children }: { children: ReactNode }) => <MemoryRouter>{children}</MemoryRouter>;
const useBoth = () => ({ one: useUrlState(schema), other: useUrlState(schema), at: useLocation() });

describe("the address as state of components", () => {
  it("takes changes of one moment together, from wherever they come", () => {
    const { result } = renderHook(useBoth, { wrapper });
    act(() => {
      result.current.one[1]({ tab: "grid" });
      result.current.other[1]({ q: "door" });
    });
    expect(result.current.one[0]).toEqual({ tab: "grid", q: "door" });
  });

  it("makes no entry of the history for what is there already", () => {
    const { result } = renderHook(useBoth, { wrapper });
    act(() => result.current.one[1]({ tab: "grid" }));
    const before = result.current.at.key;
    act(() => result.current.one[1]({ tab: "grid" }));
    expect(result.current.at.key).toBe(before);
    act(() => result.current.one[1]({ tab: "list" }));
    expect(result.current.at.search).toBe("");
  });
});
