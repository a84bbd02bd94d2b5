import { Skeleton } from "@/components/ui/skeleton";

export function RowsSkeleton({ rows }: { rows: number }) {
  return (
    <div className="grid gap-2 p-3">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} className="h-9" />
      ))}
    </div>
  );
}
