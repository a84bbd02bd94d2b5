import { RouteSkeleton } from "@/components/route-skeleton";

export function Component() {
  return <RouteSkeleton />;
}
