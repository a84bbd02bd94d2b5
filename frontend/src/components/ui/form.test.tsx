import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useForm } from "react-hook-form";
import { expect, it } from "vitest";

import { Form, FormControl, FormDescription, FormField, FormItem, FormLabel, FormMessage } from "@/components/ui/form";
import { Input } from "@/components/ui/input";

function Example() {
  const form = useForm({ defaultValues: { name: "" } });
  return (
    <Form {...form}>
      <form onSubmit={form.handleSubmit(() => undefined)}>
        <FormField
          control={form.control}
          name="name"
          rules={{ required: "Enter a name." }}
          render={({ field }) => (
            <FormItem>
              <FormLabel>Name</FormLabel>
              <FormControl>
                <Input {...field} />
              </FormControl>
              <FormDescription>As people call it.</FormDescription>
              <FormMessage />
            </FormItem>
          )}
        />
        <button type="submit">Save</button>
      </form>
    </Form>
  );
}

it("ties label, description and error to the field", async () => {
  render(<Example />);
  const field = screen.getByRole("textbox", { name: "Name" });
  expect(field).toHaveAccessibleDescription("As people call it.");
  expect(field).toBeValid();
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(field).toBeInvalid();
  expect(field).toHaveAccessibleDescription("As people call it. Enter a name.");
  expect(field).toHaveFocus();
});
