import { Skeleton } from "@/components/ui/skeleton";

/** As large as what comes. */
export function ListSkeleton({ view }: { view: "list" | "grid" }) {
  if (view === "grid")
    return (
      <div className="grid grid-cols-[repeat(auto-fill,minmax(168px,1fr))] gap-3 p-4 md:px-6">
        {Array.from({ length: 18 }, (_, index) => (
          <Skeleton key={index} className="h-[268px]" />
        ))}
      </div>
    );
  return (
    <div>
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} className="flex h-16 items-center gap-3 border-b px-4">
          <Skeleton className="size-12" />
          <Skeleton className="h-4 w-40" />
          <Skeleton className="ms-auto h-4 w-28" />
        </div>
      ))}
    </div>
  );
}
