import { useState } from "react";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { SearchInput } from "@/components/search-input";

/** An address that follows by half a second, as on a busy machine. */
function Page({ seen }: { seen: string[] }) {
  const [address, setAddress] = useState("");
  const change = (next: string) => {
    seen.push(next);
    setTimeout(() => setAddress(next), 500);
  };
  return (
    <>
      <SearchInput aria-label="Search" value={address} onChange={change} />
      <button onClick={() => setAddress("of a link")}>go</button>
    </>
  );
}

const field = () => screen.getByLabelText<HTMLInputElement>("Search");
const wait = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
const write = (text: string) => fireEvent.change(field(), { target: { value: text } });

describe("a field whose text is part of the address", () => {
  const seen: string[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    seen.length = 0;
    render(<Page seen={seen} />);
  });
  afterEach(() => vi.useRealTimers());

  it("tells it when the typing pauses, and loses no letter where the address comes late", () => {
    for (const text of ["h", "ha", "hal"]) {
      write(text);
      wait(100);
    }
    expect(seen).toEqual([]);
    wait(200);
    expect(seen).toEqual(["hal"]);
    write("hall");
    wait(300);
    write("hall 2");
    wait(200); // the address is "hal" by now
    expect(field().value).toBe("hall 2");
    wait(1_000);
    expect(seen).toEqual(["hal", "hall", "hall 2"]);
    expect(field().value).toBe("hall 2");
  });

  it("tells at once by Enter and when it is cleared", () => {
    write("door");
    fireEvent.keyDown(field(), { key: "Enter" });
    write("");
    expect(seen).toEqual(["door", ""]);
    wait(2_000);
    expect(field().value).toBe("");
  });

  it("tells at once when one goes on to a link, and not while the other page is being fetched", () => {
    write("door");
    fireEvent.blur(field());
    expect(seen).toEqual(["door"]);
    wait(2_000);
    fireEvent.blur(field());
    expect(seen).toEqual(["door"]);
  });

  it("shows what comes from elsewhere", () => {
    write("door");
    wait(1_000);
    fireEvent.click(screen.getByText("go"));
    expect(field().value).toBe("of a link");
    write("do");
    fireEvent.click(screen.getByText("go"));
    wait(1_000);
    expect(field().value).toBe("do");
  });
});
