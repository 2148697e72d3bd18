/** One mode on the shelf: an example, what it needs, and where it can be made. */
import type { ComponentChildren } from "preact";
import type { ShelfServer } from "@/core/shelf.ts";
import type { ShownShelfItem } from "@/core/shown_shelf.ts";
import { modeId } from "@/core/modes.ts";
import { admin } from "@/core/words/admin.ts";
import { gigabytes } from "@/core/words/format.ts";
import { preflight } from "@/core/words/preflight.ts";
import { shelf as words } from "@/core/words/shelf.ts";
import { LackLines } from "../admin/lacks.tsx";
import { Icon } from "../icon.tsx";
import * as icons from "../icons.ts";

const DOT = { whole: "dot", enough: "dot", low: "dot", poor: "dot bad", unknown: "dot off" };

/** `isOffered`: it can be asked for by itself. */
export function ModeCard({ item, isOffered }: { item: ShownShelfItem; isOffered: boolean }) {
  const { id, title, description, exampleUrl, servers } = item;
  const name = `mode-${id.replace("/", "-")}`;
  return (
    <article class="panel stocked" aria-labelledby={name}>
      {exampleUrl !== null && (
        <div class="pic">
          <img src={exampleUrl} alt={words.example(title)} loading="lazy" width="640" height="400" />
          <span class="tag draft" aria-hidden="true">{words.draft}</span>
        </div>
      )}
      <div class="stack">
        <h2 id={name}>{title}</h2>
        <p class="second small">{description}</p>
        {isOffered && (
          <a
            class="btn"
            href={linkTo(item)}
            aria-describedby={name}
          >
            <Icon of={icons.wand} />
            {words.use}
          </a>
        )}
        <Needs item={item} />
        <h3 class="label">{words.where}</h3>
        {servers.length === 0 && <p class="small quiet">{words.nowhere}</p>}
        <ul class="plain small stands">
          {servers.map((server) => (
            <li key={server.id}>
              <i class={server.isUp ? DOT[server.standing] : "dot off"} aria-hidden="true"></i>
              <b>{nameOf(server)}</b> <span class="second">{standOf(server)}</span>
            </li>
          ))}
        </ul>
        {item.forOperators && <Stock item={item} stock={item.forOperators} />}
      </div>
    </article>
  );
}

function Needs({ item: { presets, vramGb, modelsGb, state, verified } }: { item: ShownShelfItem }) {
  return (
    <dl class="facts num small">
      <Fact name={words.presets}>{presets.map(({ title }) => title).join(", ")}</Fact>
      <Fact name={words.needs}>
        {words.memory(vramGb)}
        <br />
        {words.models(modelsGb)}
      </Fact>
      <Fact name={words.tried}>
        {verified !== null
          ? words.verified(verified.gpu, verified.date)
          : state === "pending"
          ? words.pending
          : words.unverified}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function nameOf({ engine, n, of }: ShelfServer): string {
  return admin.servers.name(engine, n, of);
}

function standOf({ engine, isUp, standing, preset }: ShelfServer): string {
  if (!isUp) return words.down;
  if (engine === "draft") return words.drafts;
  return standing === "low" && preset !== null ? words.low(preset) : words.standing[standing];
}

/** What operators need to fill the shelf: what is missing where, and every file with its source. */
function Stock(
  { item, stock }: { item: ShownShelfItem; stock: NonNullable<ShownShelfItem["forOperators"]> },
) {
  const { models, packs, notes, comfyui } = stock;
  return (
    <div class="stock small">
      {item.servers.filter(({ lines }) => lines.length > 0).map((server) => (
        <details key={server.id}>
          <summary>{words.missing(nameOf(server), server.lines.length)}</summary>
          <LackLines lines={server.lines} />
        </details>
      ))}
      <details>
        <summary>{words.files(models.length)}</summary>
        <ul class="plain lacks">
          {models.map(({ file, folder, source, licence, sizeGb, only }) => (
            <li key={file}>
              <b class="mono">{file}</b>{" "}
              <span class="quiet">
                {words.folder(folder, sizeGb === null ? words.noSize : gigabytes(sizeGb), licence)}
                {only !== null && ` ${preflight.only(only)}`}
              </span>{" "}
              <a href={source} rel="noreferrer">{source}</a>
            </li>
          ))}
        </ul>
        <ul class="quiet">{notes.map((note) => <li key={note}>{note}</li>)}</ul>
        {packs.length > 0 && (
          <p class="quiet">
            {words.packs(
              packs.map(({ name, source, commit }) => preflight.pack(name, source, commit)).join(" "),
            )}
          </p>
        )}
        <p class="quiet">{words.version(item.id, item.version, comfyui)}</p>
      </details>
    </div>
  );
}

/** To where it is asked for, with this very template chosen. */
function linkTo(item: ShownShelfItem): string {
  if (item.mode === "take") return "/takes/new";
  const { id: template, submode } = item;
  return `/jobs/new?${new URLSearchParams({ mode: modeId(item), ...(submode && { submode }), template })}`;
}
