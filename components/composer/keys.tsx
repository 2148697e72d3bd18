/** The sheet that says what the keys do. */
import { sheets } from "@/core/words/sheets.ts";
import { Dialog } from "./dialog.tsx";
import type { SheetProps } from "./sheets.tsx";

export function KeySheet({ keys, close }: SheetProps) {
  const command = keys.split(" ")[0] ?? "";
  return (
    <Dialog title={sheets.keys.title} close={close}>
      <dl class="facts keys">
        {sheets.keys.list(command).flatMap(([key, text]) => [
          <dt key={key}>
            <kbd class="kbd">{key}</kbd>
          </dt>,
          <dd key={text}>{text}</dd>,
        ])}
      </dl>
    </Dialog>
  );
}
