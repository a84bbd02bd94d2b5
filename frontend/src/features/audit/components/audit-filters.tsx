import { useTranslation } from "react-i18next";
import { z } from "zod";

import { DateRangePicker } from "@/components/date-range-picker";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useUrlState } from "@/hooks/use-url-state";
import { resolveRange } from "@/lib/date-range";

const text = z.string().default("");
export const auditAddress = z.object({
  user_id: text,
  action: text,
  table_name: text,
  record_id: text,
  subject_id: text,
  ip_address: text,
  since: text,
  until: text,
});
const NAMES = ["action", "table_name", "user_id", "record_id", "subject_id", "ip_address"] as const;

export function AuditFilters() {
  const { t } = useTranslation("audit");
  const [address, setAddress] = useUrlState(auditAddress);
  const isSet = Object.values(address).some(Boolean);
  return (
    <div className="flex flex-wrap gap-2">
      {NAMES.map((name) => (
        <Input
          key={name}
          dir="ltr"
          className="w-40"
          aria-label={t(`filter.${name}`)}
          placeholder={t(`filter.${name}`)}
          value={address[name]}
          onChange={(event) => {
            const typed = event.target.value.trim();
            setAddress({ [name]: name === "action" ? typed.toUpperCase() : typed }, { replace: true });
          }}
        />
      ))}
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
  );
}
