import { useHotkeys } from "react-hotkeys-hook";
import { useNavigate } from "react-router";

import { DESTINATIONS } from "@/app/navigation";
import { useAuth } from "@/hooks/use-auth";

/** g and a letter lead to a page. */
export function GoShortcuts() {
  const { hasPermission } = useAuth();
  const shown = DESTINATIONS.filter(({ permission }) => hasPermission(permission));
  return shown.map(({ path, key }) => <Go key={path} letter={key} path={path} />);
}

function Go({ letter, path }: { letter: string; path: string }) {
  const navigate = useNavigate();
  useHotkeys(`g>${letter}`, () => void navigate(path), { useKey: true }, [navigate, path]);
  return null;
}
