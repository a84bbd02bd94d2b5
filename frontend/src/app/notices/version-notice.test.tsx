import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { VersionNotice } from "@/app/notices/version-notice";
import { isOtherBuild } from "@/lib/build";

const told = vi.hoisted(() => ({ state: "open", version: "" }));

vi.mock("@/hooks/use-web-socket", () => ({ useWebSocket: () => ({ state: told.state }) }));
vi.mock("@/lib/build", () => ({ isOtherBuild: vi.fn() }));
vi.mock("@/client/@tanstack/react-query.gen", () => ({
  getVersionOptions: () => ({ queryKey: ["version"], queryFn: async () => ({ version: told.version }) }),
}));

function page() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const shown = () => (
    <QueryClientProvider client={client}>
      <VersionNotice />
    </QueryClientProvider>
  );
  const { rerender } = render(shown());
  return () => rerender(shown());
}

describe("the notice of another version", () => {
  beforeEach(() => {
    vi.mocked(isOtherBuild).mockResolvedValue(false);
    Object.assign(told, { state: "open", version: __SIGHTLINE_VERSION__ });
  });

  it("is silent where page and server are of one build, and asks again after each connection", async () => {
    const again = page();
    await vi.waitFor(() => expect(isOtherBuild).toHaveBeenCalledTimes(1));
    await act(async () => {}); // its answer is there
    expect(screen.queryByRole("status")).toBeNull();
    told.state = "reconnecting";
    again();
    vi.mocked(isOtherBuild).mockResolvedValue(true);
    told.state = "open";
    again();
    expect(await screen.findByText(/The interface was updated/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Reload" })).toBeVisible();
  });

  it.each(["0.0.1", "99.0.0"])("says that the server is version %s", async (version) => {
    told.version = version;
    page();
    expect(await screen.findByText(new RegExp(`The server is now version ${version}`))).toBeVisible();
  });

  it("says when a part of the page could not be loaded, unless the server is away", async () => {
    const again = page();
    act(() => void dispatchEvent(new Event("vite:preloadError")));
    expect(await screen.findByText(/A part of this page could not be loaded/)).toBeVisible();
    told.state = "reconnecting";
    again();
    expect(screen.queryByRole("status")).toBeNull();
  });
});
