import type { ComponentProps } from "react";
import { ChevronLeft } from "lucide-react";
import { DayPicker } from "react-day-picker";
import { ar, de, enGB, es, fr } from "react-day-picker/locale";
import { useTranslation } from "react-i18next";

import { buttonVariants } from "@/components/ui/button";
import { cn } from "@/lib/utils";

const LOCALES = { en: enGB, de, fr, es, ar };

const navClasses = cn(buttonVariants({ variant: "ghost", size: "icon-sm" }), "aria-disabled:opacity-40");

/** Days to choose from, in the user's language. */
export function Calendar({ className, classNames, ...props }: ComponentProps<typeof DayPicker>) {
  const { i18n } = useTranslation();
  const language = i18n.language.slice(0, 2);
  return (
    <DayPicker
      locale={LOCALES[language as keyof typeof LOCALES] ?? enGB}
      dir={i18n.dir()}
      showOutsideDays
      className={cn("w-fit", className)}
      classNames={{
        months: "relative flex flex-col gap-4 sm:flex-row",
        month: "grid gap-2",
        nav: "absolute inset-x-0 top-0 flex justify-between",
        button_previous: navClasses,
        button_next: navClasses,
        month_caption: "flex h-7 items-center justify-center font-medium pointer-coarse:h-9",
        month_grid: "border-collapse",
        weekdays: "flex",
        weekday: "w-8 text-center text-xs font-normal text-muted-foreground pointer-coarse:w-10",
        week: "mt-0.5 flex",
        day: "relative size-8 p-0 text-center pointer-coarse:size-10",
        day_button:
          "size-full rounded-md tabular-nums hover:bg-accent hover:text-accent-foreground focus-visible:z-10 focus-visible:outline-offset-0 disabled:hover:bg-transparent",
        today: "font-semibold text-primary [&>button]:underline [&>button]:underline-offset-4",
        selected:
          "[&>button]:bg-primary [&>button]:text-primary-foreground [&>button:hover]:bg-primary [&>button:hover]:text-primary-foreground",
        range_start: "rounded-s-md bg-primary/15",
        range_end: "rounded-e-md bg-primary/15",
        range_middle:
          "bg-primary/15 [&>button]:bg-transparent! [&>button]:text-foreground! [&>button:hover]:bg-primary/15!",
        outside: "text-muted-foreground",
        disabled: "text-muted-foreground opacity-50",
        hidden: "invisible",
        ...classNames,
      }}
      components={{ Chevron }}
      {...props}
    />
  );
}

function Chevron({ orientation, className }: { orientation?: "up" | "down" | "left" | "right"; className?: string }) {
  const turned = { left: "", right: "rotate-180", up: "rotate-90", down: "-rotate-90" }[orientation ?? "left"];
  return <ChevronLeft aria-hidden className={cn("size-4", turned, className)} />;
}
