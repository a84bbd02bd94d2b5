import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { DateRangePicker } from "@/components/date-range-picker";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useTyped } from "@/hooks/use-typed";
import { useUrlState } from "@/hooks/use-url-state";
import { resolveRange } from "@/lib/date-range";

import { useSubjectChoice, useUserChoice, type Choice } from "../api/use-audit-choices";
import { auditAddress, wrongIds } from "../lib/audit-query";

const TYPED = ["action", "table_name", "record_id", "ip_address"] as const;

/** Who did what to which record, about whom, from where and when. */
export function AuditFilters() {
  const { t } = useTranslation("audit");
  const [address, setAddress] = useUrlState(auditAddress);
  const users = useUserChoice(address.user_id);
  const subjects = useSubjectChoice(address.subject_id);
  const isSet = Object.values(address).some(Boolean);
  const wrong = wrongIds(address);
  const typed = (name: (typeof TYPED)[number] | "subject_id") => (
    <Typed
      key={name}
      label={t(`filter.${name}`)}
      value={address[name]}
      isWrong={wrong.some((one) => one === name)}
      onChange={(text) => setAddress({ [name]: name === "action" ? text.toUpperCase() : text }, { replace: true })}
    />
  );
  return (
    <div className="grid gap-1">
      <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
        <Picked
          label={t("filter.user_id")}
          value={address.user_id}
          choice={users}
          onChange={(user_id) => setAddress({ user_id })}
        />
        {subjects ? (
          <Picked
            label={t("filter.subject_id")}
            value={address.subject_id}
            choice={subjects}
            onChange={(subject_id) => setAddress({ subject_id })}
          />
        ) : (
          typed("subject_id")
        )}
        {TYPED.map(typed)}
        <DateRangePicker
          value={{ ...(address.since && { since: address.since }), ...(address.until && { until: address.until }) }}
          onChange={(range) => setAddress({ since: "", until: "", ...resolveRange(range) })}
        />
        {isSet && (
          <Button variant="ghost" onClick={() => setAddress(auditAddress.parse({}))}>
            {t("filter.clear")}
          </Button>
        )}
      </div>
      <p role="status" className="text-xs text-destructive empty:hidden">
        {wrong.length > 0 && t("filter.wrongId")}
      </p>
    </div>
  );
}

interface PickedProps {
  label: string;
  value: string;
  choice: Choice;
  onChange: (id: string) => void;
}

function Picked({ label, value, choice, onChange }: PickedProps) {
  return (
    <Combobox
      {...choice}
      className="sm:w-44"
      aria-label={label}
      placeholder={label}
      value={value || null}
      onChange={(id) => onChange(id ?? "")}
    />
  );
}

interface TypedProps {
  label: string;
  value: string;
  isWrong: boolean;
  onChange: (text: string) => void;
}

function Typed({ label, value, isWrong, onChange }: TypedProps) {
  const [text, setText] = useTyped(value, onChange);
  return (
    <Input
      dir="ltr"
      className="sm:w-40"
      aria-label={label}
      aria-invalid={isWrong || undefined}
      placeholder={label}
      maxLength={100}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
