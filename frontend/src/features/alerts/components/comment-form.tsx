import { useId, useState, type KeyboardEvent, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { Label } from "@/components/ui/label";
import { Textarea } from "@/components/ui/textarea";

import { useCommentAlert } from "../api/use-comment-alert";

const LONGEST = 2000;
/** By which a shortcut finds the field. */
export const COMMENT_FIELD = "data-alert-comment";

/** A word for the record. What was typed stays when sending it fails. */
export function CommentForm({ alertId }: { alertId: string }) {
  const { t } = useTranslation("alerts");
  const id = useId();
  const [note, setNote] = useState("");
  const comment = useCommentAlert();

  function send() {
    const text = note.trim();
    if (!text || comment.isPending) return;
    comment.mutate({ alertId, note: text }, { onSuccess: () => setNote("") });
  }

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    send();
  }

  function press(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    else if (event.key === "Escape") event.currentTarget.blur();
  }

  return (
    <form onSubmit={submit} className="grid gap-2">
      <Label htmlFor={id}>{t("comment.label")}</Label>
      <Textarea
        id={id}
        {...{ [COMMENT_FIELD]: "" }}
        dir="auto"
        rows={2}
        maxLength={LONGEST}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        onKeyDown={press}
      />
      <Button
        type="submit"
        variant="outline"
        className="justify-self-end"
        loading={comment.isPending}
        disabled={!note.trim()}
      >
        {t("comment.send")}
      </Button>
    </form>
  );
}
