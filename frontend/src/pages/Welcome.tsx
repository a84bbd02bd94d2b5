import { RouteSkeleton } from "@/app/route-skeleton";

export function Component() {
  return <RouteSkeleton />;
}
