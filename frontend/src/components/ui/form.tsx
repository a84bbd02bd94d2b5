import { createContext, useContext, useEffect, useId, useMemo, useState, type ComponentProps } from "react";
import { Slot, type Label as LabelPrimitive } from "radix-ui";
import {
  Controller,
  FormProvider,
  useFormContext,
  useFormState,
  type ControllerProps,
  type FieldPath,
  type FieldValues,
} from "react-hook-form";

import { Label } from "@/components/ui/label";
import { cn } from "@/lib/utils";

export const Form = FormProvider;

const NameContext = createContext<string | null>(null);

interface Item {
  id: string;
  isDescribed: boolean;
  setDescribed: (is: boolean) => void;
}
const ItemContext = createContext<Item | null>(null);

export function FormField<
  TValues extends FieldValues = FieldValues,
  TName extends FieldPath<TValues> = FieldPath<TValues>,
  TOutput = TValues,
>(props: ControllerProps<TValues, TName, TOutput>) {
  return (
    <NameContext value={props.name}>
      <Controller {...props} />
    </NameContext>
  );
}

export function useFormField() {
  const name = useContext(NameContext);
  const item = useContext(ItemContext);
  if (name === null || item === null) throw new Error("A form's parts stand inside <FormField> and <FormItem>");
  const { getFieldState } = useFormContext();
  const state = getFieldState(name, useFormState({ name }));
  return {
    ...state,
    ...item,
    name,
    controlId: `${item.id}-control`,
    descriptionId: `${item.id}-description`,
    messageId: `${item.id}-message`,
  };
}

export function FormItem({ className, ...props }: ComponentProps<"div">) {
  const id = useId();
  const [isDescribed, setDescribed] = useState(false);
  const item = useMemo(() => ({ id, isDescribed, setDescribed }), [id, isDescribed]);
  return (
    <ItemContext value={item}>
      <div className={cn("grid content-start gap-1.5", className)} {...props} />
    </ItemContext>
  );
}

export function FormLabel({ className, ...props }: ComponentProps<typeof LabelPrimitive.Root>) {
  const { error, controlId } = useFormField();
  return <Label htmlFor={controlId} className={cn(error && "text-destructive", className)} {...props} />;
}

/** Gives the one control inside it its id, and ties description and message to it. */
export function FormControl(props: ComponentProps<typeof Slot.Root>) {
  const { error, controlId, descriptionId, messageId, isDescribed } = useFormField();
  const describedBy = [isDescribed && descriptionId, error && messageId].filter(Boolean).join(" ");
  return (
    <Slot.Root id={controlId} aria-describedby={describedBy || undefined} aria-invalid={Boolean(error)} {...props} />
  );
}

export function FormDescription({ className, ...props }: ComponentProps<"p">) {
  const { descriptionId, setDescribed } = useFormField();
  useEffect(() => {
    setDescribed(true);
    return () => setDescribed(false);
  }, [setDescribed]);
  return <p id={descriptionId} className={cn("text-xs text-muted-foreground", className)} {...props} />;
}

/** The field's error; children say it in the user's language (the error's own message else). */
export function FormMessage({ className, children, ...props }: ComponentProps<"p">) {
  const { error, messageId } = useFormField();
  if (!error) return null;
  return (
    <p id={messageId} className={cn("text-xs text-destructive", className)} {...props}>
      {children || error.message}
    </p>
  );
}
