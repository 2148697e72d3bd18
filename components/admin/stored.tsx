/** What lies in storage by kind, and for how long there is room. */
import type { ShownRoom } from "@/core/shown_room.ts";
import { bytes } from "@/core/words/format.ts";
import { room as words } from "@/core/words/room.ts";
import { Note } from "../note.tsx";

export function Stored({ room }: { room: ShownRoom }) {
  const { place, freeBytes, minBytes, kinds, cameBytes, daysLeft } = room;
  const sum = (of: "files" | "bytes") => kinds.reduce((all, kind) => all + kind[of], 0);
  const free = place === "bucket" ? words.bucket : freeBytes === null ? words.unknown : bytes(freeBytes);
  return (
    <>
      <p class="small second">{words.about}</p>
      {freeBytes !== null && freeBytes < minBytes && <Note kind="bad">{words.low(freeBytes, minBytes)}</Note>}
      <dl class="facts num stored">
        <dt>{words.free}</dt>
        <dd>{free}</dd>
        <dt>{words.stop}</dt>
        <dd>{bytes(minBytes)}</dd>
        <dt>{words.came}</dt>
        <dd>{bytes(cameBytes)}</dd>
        <dt>{words.left}</dt>
        <dd>{words.days(daysLeft)}</dd>
      </dl>
      <table class="dense shelved actors num">
        <thead>
          <tr>
            {[words.kind, words.files, words.size].map((title) => <th key={title} scope="col">{title}</th>)}
          </tr>
        </thead>
        <tbody>
          {kinds.map(({ kind, files, bytes: size }) => (
            <tr key={kind}>
              <td>{words.kinds[kind]}</td>
              <td data-name={words.files}>{files}</td>
              <td data-name={words.size}>{bytes(size)}</td>
            </tr>
          ))}
          <tr>
            <td>{words.all}</td>
            <td data-name={words.files}>{sum("files")}</td>
            <td data-name={words.size}>{bytes(sum("bytes"))}</td>
          </tr>
        </tbody>
      </table>
    </>
  );
}
