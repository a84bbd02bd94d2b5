import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Camera, User } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { listCamerasOptions, listSubjectsOptions } from "@/client/@tanstack/react-query.gen";
import { DESTINATIONS } from "@/app/navigation";
import {
  CommandDialog,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from "@/components/ui/command";
import { useAuth } from "@/hooks/use-auth";
import { useSettled } from "@/hooks/use-settled";

const FOUND = 6; // of each kind; who looks for more opens the page

/** Pages, cameras and people by name. */
export function PaletteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <CommandDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t("palette.title")}
      description={t("palette.hint")}
      shouldFilter={false}
    >
      <Palette onDone={onClose} />
    </CommandDialog>
  );
}

function Palette({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { hasPermission } = useAuth();
  const [text, setText] = useState("");
  const q = useSettled(text.trim());
  const query = { q, limit: FOUND };
  const cameras = useQuery({
    ...listCamerasOptions({ query }),
    enabled: !!q && hasPermission("read_cameras"),
    placeholderData: keepPreviousData,
  });
  const subjects = useQuery({
    ...listSubjectsOptions({ query: { ...query, sort: "-relevance" } }),
    enabled: !!q && hasPermission("read_subjects"),
    placeholderData: keepPreviousData,
  });
  const pages = DESTINATIONS.filter(
    ({ permission, label }) =>
      hasPermission(permission) && t(label).toLocaleLowerCase().includes(text.trim().toLocaleLowerCase()),
  );

  function go(path: string) {
    onDone();
    void navigate(path);
  }

  return (
    <>
      <CommandInput value={text} onValueChange={setText} placeholder={t("palette.placeholder")} />
      <CommandList>
        <CommandEmpty>{cameras.isFetching || subjects.isFetching ? t("loading") : t("palette.nothing")}</CommandEmpty>
        {pages.length > 0 && (
          <CommandGroup heading={t("palette.pages")}>
            {pages.map(({ path, label, icon: Icon }) => (
              <CommandItem key={path} value={path} onSelect={() => go(path)}>
                <Icon aria-hidden />
                {t(label)}
              </CommandItem>
            ))}
          </CommandGroup>
        )}
        {q && !!cameras.data?.items.length && (
          <CommandGroup heading={t("nav.cameras")}>
            {cameras.data.items.map((camera) => (
              <CommandItem key={camera.id} value={camera.id} onSelect={() => go(`/cameras/${camera.id}`)}>
                <Camera aria-hidden />
                <bdi className="truncate">{camera.name}</bdi>
              </CommandItem>
            ))}
          </CommandGroup>
        )}
        {q && !!subjects.data?.items.length && (
          <CommandGroup heading={t("nav.subjects")}>
            {subjects.data.items.map((subject) => (
              <CommandItem key={subject.id} value={subject.id} onSelect={() => go(`/subjects/${subject.id}`)}>
                <User aria-hidden />
                <bdi className="truncate">{subject.name}</bdi>
              </CommandItem>
            ))}
          </CommandGroup>
        )}
      </CommandList>
    </>
  );
}
