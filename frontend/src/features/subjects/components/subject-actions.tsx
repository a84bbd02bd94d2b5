import { useState } from "react";
import { MoreHorizontal, Pencil } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { SubjectOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useAuth } from "@/hooks/use-auth";

import { AccessExportDialog } from "./access-export-dialog";
import { EraseDialog } from "./erase-dialog";
import { MergeDialog } from "./merge-dialog";
import { EditSubjectDialog } from "./subject-dialogs";

type Action = "edit" | "merge" | "access" | "erase";

/** What may be done with a person on file. */
export function SubjectActions({ subject }: { subject: SubjectOut }) {
  const { t } = useTranslation("subjects");
  const { hasPermission } = useAuth();
  const [action, setAction] = useState<Action | null>(null);
  const close = () => setAction(null);
  const isAny = ["manage_subjects", "export_subjects", "erase_subjects", "read_audit"].some(hasPermission);
  return (
    <>
      <Can permission="manage_subjects">
        <Button variant="outline" onClick={() => setAction("edit")}>
          <Pencil aria-hidden />
          {t("common:edit")}
        </Button>
      </Can>
      {isAny && (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button variant="outline" size="icon" aria-label={t("common:more")}>
              <MoreHorizontal aria-hidden />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            <Can permission="manage_subjects">
              <DropdownMenuItem onSelect={() => setAction("merge")}>{t("action.merge")}</DropdownMenuItem>
            </Can>
            <Can permission="export_subjects">
              <DropdownMenuItem onSelect={() => setAction("access")}>{t("action.access")}</DropdownMenuItem>
            </Can>
            <Can permission="read_audit">
              <DropdownMenuItem asChild>
                <Link to={`/settings/audit?subject_id=${subject.id}`}>{t("action.audit")}</Link>
              </DropdownMenuItem>
            </Can>
            <Can permission="erase_subjects">
              <DropdownMenuSeparator />
              <DropdownMenuItem variant="destructive" onSelect={() => setAction("erase")}>
                {t("action.erase")}
              </DropdownMenuItem>
            </Can>
          </DropdownMenuContent>
        </DropdownMenu>
      )}
      {action === "edit" && <EditSubjectDialog subjectId={subject.id} onClose={close} />}
      {action === "merge" && <MergeDialog kept={subject} onClose={close} />}
      {action === "access" && <AccessExportDialog subject={subject} onClose={close} />}
      {action === "erase" && <EraseDialog subject={subject} onClose={close} />}
    </>
  );
}
