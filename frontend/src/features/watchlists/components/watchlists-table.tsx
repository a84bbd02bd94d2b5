import { useMemo, useState } from "react";
import { MoreHorizontal } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { WatchlistOut } from "@/client/types.gen";
import { DataTable, type Column, type Sort } from "@/components/data-table";
import { StatusDot } from "@/components/status-dot";
import { Timestamp } from "@/components/timestamp";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { serverDate } from "@/lib/clock";
import { formatNumber } from "@/lib/format";

import { termOf } from "../lib/terms";

export type WatchlistAction = "edit" | "renew" | "switch" | "delete";

interface Props {
  lists: WatchlistOut[];
  isLoading: boolean;
  sort: Sort;
  onSortChange: (sort: Sort) => void;
  canManage: boolean;
  canReadSubjects: boolean;
  onAction: (action: WatchlistAction, list: WatchlistOut) => void;
}

export function WatchlistsTable({ lists, isLoading, sort, onSortChange, canManage, canReadSubjects, onAction }: Props) {
  const { t } = useTranslation("watchlists");
  const columns = useMemo<Column<WatchlistOut>[]>(() => {
    const all: Column<WatchlistOut>[] = [
      { id: "name", header: t("name"), sortKey: "name", cell: (list) => <Name list={list} /> },
      {
        id: "priority",
        header: t("priority"),
        sortKey: "priority",
        cell: ({ priority }) => t(`priorities.${priority}`),
        hideOnPhone: true,
      },
      { id: "status", header: t("status"), cell: (list) => <Standing list={list} />, hideOnPhone: true },
      {
        id: "basis",
        header: t("legalBasis"),
        cell: ({ legal_basis }) => <Cut text={legal_basis} />,
        hideOnPhone: true,
      },
      { id: "approver", header: t("approver"), cell: ({ approver }) => <Cut text={approver} />, hideOnPhone: true },
      { id: "review", header: t("review"), cell: (list) => <Review list={list} />, hideOnPhone: true },
      { id: "expires", header: t("expires"), sortKey: "expires_at", cell: (list) => <Expiry list={list} /> },
      {
        id: "subjects",
        header: t("subjects"),
        className: "text-end tabular-nums",
        cell: ({ id, name, subjects }) =>
          canReadSubjects ? (
            <Link
              className="underline-offset-4 hover:underline"
              to={`/subjects?watchlist=${id}`}
              aria-label={t("subjectsOf", { name, count: subjects })}
            >
              {formatNumber(subjects)}
            </Link>
          ) : (
            formatNumber(subjects)
          ),
      },
    ];
    if (canManage)
      all.push({
        id: "actions",
        header: <span className="sr-only">{t("common:actions")}</span>,
        className: "w-9 text-end",
        cell: (list) => <Menu list={list} onAction={onAction} />,
      });
    return all;
  }, [t, canManage, canReadSubjects, onAction]);
  return (
    <DataTable
      columns={columns}
      rows={lists}
      getRowId={({ id }) => String(id)}
      caption={t("title")}
      isLoading={isLoading}
      sort={sort}
      onSortChange={onSortChange}
      onRowOpen={canManage ? (list) => onAction("edit", list) : undefined}
    />
  );
}

function Name({ list }: { list: WatchlistOut }) {
  return (
    <span className="flex max-w-64 min-w-0 items-center gap-2">
      <span aria-hidden className="size-3 shrink-0 rounded-sm border" style={{ backgroundColor: list.color }} />
      <span dir="auto" className="truncate font-medium" title={list.description || list.name}>
        {list.name}
      </span>
    </span>
  );
}

function Cut({ text }: { text: string }) {
  return (
    <span dir="auto" className="block max-w-52 truncate" title={text}>
      {text}
    </span>
  );
}

function Standing({ list }: { list: WatchlistOut }) {
  const { t } = useTranslation("watchlists");
  if (list.in_force) return <StatusDot tone="success" label={t("inForce")} />;
  return <StatusDot tone={list.is_active ? "warning" : "neutral"} label={t(list.is_active ? "expired" : "off")} />;
}

function Review({ list }: { list: WatchlistOut }) {
  const { t } = useTranslation("watchlists");
  const [now] = useState(() => serverDate());
  if (!list.review_date) return <span className="text-muted-foreground">{t("noReview")}</span>;
  const term = list.review_due ? "over" : termOf(list.review_date, now);
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <Timestamp value={`${list.review_date}T00:00:00`} format="date" />
      {term !== "fine" && <Badge variant="warning">{t(term === "over" ? "reviewDue" : "reviewSoon")}</Badge>}
    </span>
  );
}

function Expiry({ list }: { list: WatchlistOut }) {
  const { t } = useTranslation("watchlists");
  const [now] = useState(() => serverDate());
  const term = termOf(list.expires_at, now);
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <Timestamp value={list.expires_at} format="date" />
      {term === "over" && <Badge variant="destructive">{t("expired")}</Badge>}
      {term === "soon" && <Badge variant="warning">{t("expiresSoon")}</Badge>}
    </span>
  );
}

function Menu({ list, onAction }: { list: WatchlistOut; onAction: Props["onAction"] }) {
  const { t } = useTranslation("watchlists");
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" className="size-7" aria-label={t("actionsFor", { name: list.name })}>
          <MoreHorizontal aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuItem onSelect={() => onAction("edit", list)}>{t("common:edit")}</DropdownMenuItem>
        <DropdownMenuItem onSelect={() => onAction("renew", list)}>{t("action.renew")}</DropdownMenuItem>
        <DropdownMenuItem onSelect={() => onAction("switch", list)}>
          {t(list.is_active ? "action.switchOff" : "action.switchOn")}
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem variant="destructive" onSelect={() => onAction("delete", list)}>
          {t("common:delete")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
