import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";

import { QueryView } from "@/components/query-view";
import { Skeleton } from "@/components/ui/skeleton";
import { TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";

import { useRoles } from "../api/use-users";

const ROLES = ["admin", "operator", "viewer", "auditor"] as const;

/** What each role may do: the one matrix that the server goes by. */
export function RoleMatrix() {
  const { t } = useTranslation("users");
  const roles = useRoles();
  return (
    <QueryView query={roles} skeleton={<Skeleton className="h-96 w-full" />}>
      {({ items }) => (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
        <div className="overflow-x-auto rounded-md border" tabIndex={0} role="group" aria-label={t("tabs.roles")}>
          <table className="w-full">
            <TableHeader>
              <TableRow>
                <TableHead>{t("matrix.may")}</TableHead>
                {ROLES.map((role) => (
                  <TableHead key={role} className="text-center">
                    {t(`common:role.${role}`)}
                  </TableHead>
                ))}
              </TableRow>
            </TableHeader>
            <TableBody>
              {items.map(({ permission, meaning, roles: given }) => (
                <TableRow key={permission}>
                  <TableHead scope="row" className="font-normal text-foreground">
                    {t(`permission.${permission}`, { defaultValue: meaning })}
                  </TableHead>
                  {ROLES.map((role) => (
                    <TableCell key={role} className="text-center">
                      {given.includes(role) ? (
                        <Check className="mx-auto size-4 text-success" aria-label={t("common:yes")} />
                      ) : (
                        <span aria-label={t("common:no")} role="img" className="text-muted-foreground">
                          –
                        </span>
                      )}
                    </TableCell>
                  ))}
                </TableRow>
              ))}
            </TableBody>
          </table>
        </div>
      )}
    </QueryView>
  );
}
