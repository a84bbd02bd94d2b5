import { Suspense } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { verifyAlert } from "@/client/sdk.gen";
import type { AlertDetailOut, MeOut } from "@/client/types.gen";
import { AuthContext, type Auth } from "@/contexts/AuthContext";
import { i18n } from "@/lib/i18n";

import { alertOf } from "../testing";
import { VerifyPanel } from "./verify-panel";

vi.mock("@/client/sdk.gen", async (original) => ({
  ...(await original<object>()),
  verifyAlert: vi.fn<typeof verifyAlert>(),
}));

const ESCALATION = { policy_id: null, policy_name: null, step: 0, steps: 0, next_at: null };
const PENDING: AlertDetailOut = {
  ...alertOf({ verification: "pending", status: "acknowledged", subject_name: "Jo" }),
  acknowledged_at: "2026-05-01T08:01:00Z",
  acknowledged_by: "first",
  history: [],
  escalation: ESCALATION,
};

function show(userId: string, change: Partial<AlertDetailOut> = {}, mayHandle = true) {
  const user: MeOut = {
    user_id: userId,
    username: userId,
    role: "operator",
    permissions: [],
    camera_group_ids: [],
    second_factor: false,
    must_change_password: false,
    expires_at: "2026-05-02T08:00:00Z",
  };
  const nothing = () => Promise.resolve();
  const auth: Auth = {
    state: "authenticated",
    user,
    isAuthenticated: true,
    login: nothing,
    logout: nothing,
    refresh: nothing,
    hasPermission: () => mayHandle,
  };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <AuthContext value={auth}>
        <Suspense>
          <VerifyPanel alert={{ ...PENDING, ...change }} />
        </Suspense>
      </AuthContext>
    </QueryClientProvider>,
  );
}

describe("the second person", () => {
  beforeEach(async () => {
    vi.mocked(verifyAlert).mockReset();
    vi.mocked(verifyAlert).mockReturnValue(new Promise(() => undefined) as never);
    await i18n.loadNamespaces("alerts");
  });

  it("is asked, and answers", async () => {
    show("second");
    expect(screen.getByText(/^Is this Jo\?/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "No, it is not" }));
    expect(verifyAlert).toHaveBeenCalledExactlyOnceWith({
      path: { alert_id: PENDING.id },
      body: { confirmed: false, note: "" },
    });
  });

  it("is not the one who acknowledged it, nor anybody before that, nor who may not handle alerts", () => {
    show("first");
    expect(screen.getByText(/somebody else has to verify it/)).toBeInTheDocument();
    show("second", { acknowledged_at: null, acknowledged_by: null, status: "new" });
    expect(screen.getByText(/Somebody has to acknowledge it first/)).toBeInTheDocument();
    show("second", {}, false);
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("is not needed everywhere", () => {
    show("second", { verification: "not_needed" });
    expect(screen.queryByText(/second person/)).toBeNull();
    show("second", { verification: "confirmed" });
    expect(screen.getByText("Confirmed by a second person")).toBeInTheDocument();
  });
});
