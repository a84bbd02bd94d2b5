import { useMemo } from "react";
import { MoreHorizontal } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { UserOut } from "@/client/types.gen";
import { DataTable, type Column } from "@/components/data-table";
import { TimeAgo } from "@/components/time-ago";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";

export type UserAction = "edit" | "sessions" | "password" | "factor" | "delete";

interface Props {
  users: UserOut[];
  isLoading: boolean;
  groupNames: Map<string, string>;
  onAction: (action: UserAction, user: UserOut) => void;
}

export function UsersTable({ users, isLoading, groupNames, onAction }: Props) {
  const { t } = useTranslation("users");
  const columns = useMemo<Column<UserOut>[]>(
    () => [
      { id: "name", header: t("name"), cell: (user) => <Name user={user} /> },
      { id: "role", header: t("role"), cell: (user) => t(`common:role.${user.role}`) },
      {
        id: "groups",
        header: t("groups"),
        hideOnPhone: true,
        className: "max-w-60",
        cell: ({ camera_group_ids: ids }) => (
          <span className="block truncate">
            {ids.length ? ids.map((id) => groupNames.get(id) ?? "…").join(", ") : t("allGroups")}
          </span>
        ),
      },
      {
        id: "factor",
        header: t("factor"),
        hideOnPhone: true,
        cell: (user) => (user.second_factor ? t("common:yes") : t("common:no")),
      },
      {
        id: "login",
        header: t("lastLogin"),
        hideOnPhone: true,
        cell: (user) => (user.last_login_at ? <TimeAgo value={user.last_login_at} /> : t("never")),
      },
      {
        id: "menu",
        header: <span className="sr-only">{t("common:actions")}</span>,
        cell: (user) => <Menu user={user} onAction={onAction} />,
      },
    ],
    [t, groupNames, onAction],
  );
  return (
    <DataTable
      caption={t("title")}
      columns={columns}
      rows={users}
      isLoading={isLoading}
      getRowId={({ id }) => id}
      getRowLabel={({ username }) => username}
      onRowOpen={(user) => onAction("edit", user)}
    />
  );
}

function Name({ user }: { user: UserOut }) {
  const { t } = useTranslation("users");
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <bdi className="truncate font-medium">{user.username}</bdi>
      {!user.is_active && <Badge variant="secondary">{t("disabled")}</Badge>}
      {user.must_change_password && <Badge variant="outline">{t("mustChange")}</Badge>}
      {user.email && (
        <bdi dir="ltr" className="w-full truncate text-xs text-muted-foreground">
          {user.email}
        </bdi>
      )}
    </span>
  );
}

function Menu({ user, onAction }: { user: UserOut; onAction: Props["onAction"] }) {
  const { t } = useTranslation("users");
  const item = (action: UserAction) => (
    <DropdownMenuItem variant={action === "delete" ? "destructive" : "default"} onSelect={() => onAction(action, user)}>
      {t(`action.${action}`)}
    </DropdownMenuItem>
  );
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button size="icon-sm" variant="ghost" data-no-row-click aria-label={t("actionsOf", { name: user.username })}>
          <MoreHorizontal aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {item("edit")}
        {item("sessions")}
        {item("password")}
        {user.second_factor && item("factor")}
        <DropdownMenuSeparator />
        {item("delete")}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
