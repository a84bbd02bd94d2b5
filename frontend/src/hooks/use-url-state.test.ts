import { describe, expect, it } from "vitest";
import { z } from "zod";

import { parse, written } from "@/hooks/use-url-state";

const schema = z.object({
  q: z.string().default(""),
  status: z.array(z.enum(["new", "resolved"])).default([]),
  limit: z.number().int().positive().default(50),
  known: z.boolean().optional(),
  tab: z.enum(["list", "grid"]).default("list"),
});
const of = (text: string) => parse(schema, new URLSearchParams(text));

describe("the address as state", () => {
  it("reads texts, numbers, switches and lists", () => {
    expect(of("q=42&status=new&status=resolved&limit=20&known=false&tab=grid")).toEqual({
      q: "42",
      status: ["new", "resolved"],
      limit: 20,
      known: false,
      tab: "grid",
    });
  });

  it("takes what it does not understand for absent", () => {
    expect(of("limit=many&status=lost&tab=map&known=maybe&else=1")).toEqual({
      q: "",
      status: [],
      limit: 50,
      tab: "list",
    });
  });

  it("leaves defaults out, keeps what it does not know, and goes there and back", () => {
    const next = written(schema, new URLSearchParams("else=1&q=old"), {
      q: "",
      status: ["new"],
      limit: 50,
      known: true,
    });
    expect(next.toString()).toBe("else=1&status=new&known=true");
    expect(parse(schema, next)).toMatchObject({ status: ["new"], known: true });
  });
});
