import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { Plus, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { UserOut } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { EmptyState } from "@/components/empty-state";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { PageHeader } from "@/components/page-header";
import { SearchInput } from "@/components/search-input";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useDeleteUser, useResetSecondFactor } from "@/features/users/api/use-user-changes";
import { useGroups, useUsers } from "@/features/users/api/use-users";
import { PasswordDialog } from "@/features/users/components/password-dialog";
import { RoleMatrix } from "@/features/users/components/role-matrix";
import { SecretDialog } from "@/features/users/components/secret-dialog";
import { EditUserDialog, NewUserDialog } from "@/features/users/components/user-dialogs";
import { UserSessions } from "@/features/users/components/user-sessions";
import { UsersTable, type UserAction } from "@/features/users/components/users-table";
import { useUrlState } from "@/hooks/use-url-state";

const address = z.object({ q: z.string().default(""), tab: z.enum(["accounts", "roles"]).default("accounts") });

export function Component() {
  const { t } = useTranslation("users");
  const [{ tab }, setAddress] = useUrlState(address);
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<{ name: string; password: string } | null>(null);
  return (
    <div className="grid grid-cols-1 gap-4">
      <PageHeader
        title={t("title")}
        actions={
          <Button onClick={() => setAdding(true)}>
            <Plus aria-hidden />
            {t("add")}
          </Button>
        }
      />
      <Tabs value={tab} onValueChange={(chosen) => setAddress({ tab: address.shape.tab.parse(chosen) })}>
        <TabsList>
          <TabsTrigger value="accounts">{t("tabs.accounts")}</TabsTrigger>
          <TabsTrigger value="roles">{t("tabs.roles")}</TabsTrigger>
        </TabsList>
        <TabsContent value="accounts" className="grid grid-cols-1 gap-3 pt-2">
          <Accounts />
        </TabsContent>
        <TabsContent value="roles" className="pt-2">
          <RoleMatrix />
        </TabsContent>
      </Tabs>
      {isAdding && (
        <NewUserDialog onClose={() => setAdding(false)} onMade={(name, password) => setSecret({ name, password })} />
      )}
      {secret && <SecretDialog {...secret} onClose={() => setSecret(null)} />}
    </div>
  );
}

function Accounts() {
  const { t } = useTranslation("users");
  const [{ q }, setAddress] = useUrlState(address);
  const typed = useDeferredValue(q.trim());
  const users = useUsers(typed ? { q: typed } : {});
  const groups = useGroups();
  const [chosen, setChosen] = useState<{ action: UserAction; user: UserOut } | null>(null);
  const rows = useMemo(() => users.data?.pages.flatMap((page) => page.items) ?? [], [users.data]);
  const groupNames = useMemo(() => new Map(groups.data?.items.map(({ id, name }) => [id, name])), [groups.data]);
  const choose = useCallback((action: UserAction, user: UserOut) => setChosen({ action, user }), []);
  const close = useCallback(() => setChosen(null), []);

  if (users.isError && !users.data) return <ErrorState error={users.error} onRetry={() => void users.refetch()} />;
  return (
    <>
      <SearchInput
        className="max-w-xs"
        placeholder={t("search")}
        aria-label={t("search")}
        value={q}
        onChange={(q) => setAddress({ q }, { replace: true })}
      />
      {rows.length === 0 && !users.isPending ? (
        <EmptyState icon={UserPlus} title={t("none")} description={t("noneHint")} />
      ) : (
        <UsersTable users={rows} isLoading={users.isPending} groupNames={groupNames} onAction={choose} />
      )}
      {users.hasNextPage && (
        <LoadMore needsButton onMore={() => void users.fetchNextPage()} isLoading={users.isFetchingNextPage} />
      )}
      {chosen && <Chosen {...chosen} onClose={close} />}
    </>
  );
}

function Chosen({ action, user, onClose }: { action: UserAction; user: UserOut; onClose: () => void }) {
  const { t } = useTranslation("users");
  const remove = useDeleteUser();
  const reset = useResetSecondFactor();
  const close = (isOpen: boolean) => !isOpen && onClose();
  if (action === "edit") return <EditUserDialog user={user} onClose={onClose} />;
  if (action === "sessions") return <UserSessions user={user} onClose={onClose} />;
  if (action === "password") return <PasswordDialog user={user} onClose={onClose} />;
  const isDelete = action === "delete";
  return (
    <ConfirmDialog
      open
      onOpenChange={close}
      title={t(isDelete ? "delete.title" : "reset.title", { name: user.username })}
      description={t(isDelete ? "delete.hint" : "reset.hint")}
      confirmLabel={t(`action.${action}`)}
      destructive
      onConfirm={() => (isDelete ? remove : reset).mutateAsync(user.id)}
    />
  );
}
