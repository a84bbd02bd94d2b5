import { fireEvent, render, screen } from "@testing-library/react";
import { createMemoryRouter, RouterProvider, useLocation } from "react-router";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { GoShortcuts } from "@/app/go-shortcuts";
import { useShortcut } from "@/hooks/use-shortcut";

vi.mock("@/hooks/use-auth", () => ({
  useAuth: () => ({ hasPermission: (permission: string) => permission !== "manage_users" }),
}));

const acknowledge = vi.fn();

function Page() {
  useShortcut("a", "Acknowledge", acknowledge);
  return (
    <>
      <p>{useLocation().pathname}</p>
      <input aria-label="Note" />
      <GoShortcuts />
    </>
  );
}

const press = (key: string, code: string, on: Element = document.body) => fireEvent.keyDown(on, { key, code });

describe("g and a letter", () => {
  beforeEach(() => {
    acknowledge.mockReset();
    render(<RouterProvider router={createMemoryRouter([{ path: "*", element: <Page /> }])} />);
  });

  it("lead to a page, on a keyboard of another script too", async () => {
    press("п", "KeyG");
    press("с", "KeyC");
    expect(await screen.findByText("/cameras")).toBeVisible();
    press("ل", "KeyG");
    press("م", "KeyL");
    expect(await screen.findByText("/live")).toBeVisible();
  });

  it("are no key of the page that they leave", async () => {
    press("g", "KeyG");
    press("a", "KeyA");
    expect(await screen.findByText("/alerts")).toBeVisible();
    expect(acknowledge).not.toHaveBeenCalled();
    press("a", "KeyA");
    expect(acknowledge).toHaveBeenCalledTimes(1);
  });

  it("lead nowhere while somebody types, nor where somebody may not go", () => {
    press("g", "KeyG", screen.getByLabelText("Note"));
    press("c", "KeyC", screen.getByLabelText("Note"));
    press("g", "KeyG");
    press("u", "KeyU");
    expect(screen.getByText("/")).toBeVisible();
  });
});
