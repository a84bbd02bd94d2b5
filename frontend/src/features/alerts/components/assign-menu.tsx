import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useAuth } from "@/hooks/use-auth";

import { useAlertAssignees } from "../api/use-alert-assignees";
import type { Person } from "../api/use-handling";

interface Props {
  /** Of several, the one whose camera the people have to see; the server looks at each. */
  alertId: string;
  onAssign: (person: Person | null) => void;
  children: ReactNode;
}

/** Who looks after it: oneself first. */
export function AssignMenu({ alertId, onAssign, children }: Props) {
  const { t } = useTranslation("alerts");
  const { user } = useAuth();
  const [isOpen, setOpen] = useState(false);
  const { data, isError } = useAlertAssignees(alertId, isOpen);
  const people = (data ?? []).filter(({ id }) => id !== user?.user_id);
  return (
    <DropdownMenu open={isOpen} onOpenChange={setOpen}>
      <DropdownMenuTrigger asChild>{children}</DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="max-h-80 min-w-48 overflow-y-auto">
        <DropdownMenuLabel>{t("assign.label")}</DropdownMenuLabel>
        {user && (
          <DropdownMenuItem onSelect={() => onAssign({ id: user.user_id, username: user.username })}>
            {t("assign.me")}
          </DropdownMenuItem>
        )}
        {people.map((person) => (
          <DropdownMenuItem key={person.id} onSelect={() => onAssign(person)}>
            <bdi className="truncate">{person.username}</bdi>
          </DropdownMenuItem>
        ))}
        {!data && <DropdownMenuItem disabled>{isError ? t("assign.failed") : t("common:loading")}</DropdownMenuItem>}
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => onAssign(null)}>{t("assign.nobody")}</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
