import type { ReactNode } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { getAlertQueryKey, listAlertsInfiniteQueryKey } from "@/client/@tanstack/react-query.gen";
import { getAlert } from "@/client/sdk.gen";
import type { AlertDetailOut } from "@/client/types.gen";
import { ApiError } from "@/lib/errors";
import { i18n } from "@/lib/i18n";
import { toast } from "@/lib/toast";

import { alertOf } from "../testing";
import { useAlertAction } from "./use-alert-action";

vi.mock("@/client/sdk.gen", async (original) => ({ ...(await original<object>()), getAlert: vi.fn<() => unknown>() }));

const ESCALATION = { policy_id: null, policy_name: null, step: 0, steps: 0, next_at: null };
const NEW: AlertDetailOut = { ...alertOf(), history: [], escalation: ESCALATION };
const key = getAlertQueryKey({ path: { alert_id: NEW.id } });
const listKey = listAlertsInfiniteQueryKey({ query: { status: ["new"] } });

function made(send: () => Promise<{ data: AlertDetailOut }>) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(key, NEW);
  client.setQueryData(listKey, { pages: [{ items: [alertOf()], next: null, total: null }], pageParams: [null] });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(
    () => useAlertAction<{ alertId: string }>({ send, expect: () => ({ status: "acknowledged" }) }),
    { wrapper },
  );
  return { client, act: () => result.current.mutate({ alertId: NEW.id }) };
}

describe("a step with an alert", () => {
  beforeEach(async () => {
    await i18n.loadNamespaces("alerts");
  });

  it("is seen at once, and takes the alert out of lists that it no longer fits", async () => {
    const acknowledged: AlertDetailOut = { ...NEW, status: "acknowledged", acknowledged_by_name: "me" };
    let answer: (value: { data: AlertDetailOut }) => void = () => undefined;
    const { client, act } = made(() => new Promise((resolve) => (answer = resolve)));
    act();
    await waitFor(() => expect(client.getQueryData<AlertDetailOut>(key)?.status).toBe("acknowledged"));
    answer({ data: acknowledged });
    await waitFor(() => expect(client.getQueryData(listKey)).toMatchObject({ pages: [{ items: [] }] }));
    expect(client.getQueryData<AlertDetailOut>(key)?.acknowledged_by_name).toBe("me");
  });

  it("is taken back where somebody was faster, who is named", async () => {
    const warned = vi.spyOn(toast, "warning");
    const theirs: AlertDetailOut = { ...NEW, status: "acknowledged", acknowledged_by_name: "maria" };
    vi.mocked(getAlert).mockResolvedValue({
      data: theirs,
      request: new Request("http://localhost/"),
      response: new Response(),
    });
    const { client, act } = made(() => Promise.reject(new ApiError({ code: "conflict" }, 409)));
    act();
    await waitFor(() => expect(warned).toHaveBeenCalledWith("maria was faster and has acknowledged it already"));
    expect(client.getQueryData<AlertDetailOut>(key)?.acknowledged_by_name).toBe("maria");
  });

  it("is taken back with the reason where the server refuses", async () => {
    const told = vi.spyOn(toast, "error");
    const { client, act } = made(() => Promise.reject(new ApiError({ code: "forbidden" }, 403)));
    act();
    await waitFor(() => expect(told).toHaveBeenCalled());
    expect(client.getQueryData<AlertDetailOut>(key)?.status).toBe("new");
  });
});
