/** Everything that is a person's own, to take along: as JSON, or as a ZIP with every film and file. Both are written while they are read. */
import { createRoute, z } from "@hono/zod-openapi";
import { DEFAULTS } from "@/core/account.ts";
import type { Page, Paging } from "@/core/library.ts";
import { listSessions } from "./account.ts";
import { showAsset } from "./assets.ts";
import { showPerson } from "./auth.ts";
import type { Api, Call } from "./env.ts";
import { showJob, showOutput } from "./job_views.ts";
import { viewerOf } from "./jobs.ts";
import { cleanName, downloadName, endingOf } from "./names.ts";
import { showPreset } from "./presets.ts";
import { showProject } from "./projects.ts";
import { disposition } from "./range.ts";
import { iso } from "./schemas.ts";
import { requireUser } from "./session.ts";
import { listTokens } from "./tokens.ts";
import type { Asset, AssetContent, JobRecord, OutputRecord } from "./studio.ts";
import { showWebhook } from "./webhooks.ts";
import { type Entry, readEntries, streamZip } from "./zip.ts";

type StoredAsset = Asset & { content: AssetContent };

const PER_PAGE = 100;
const BYTES = { schema: z.string().openapi({ format: "binary" }) };

export function addAccountExport(api: Api): void {
  const asJson = createRoute({
    method: "get",
    path: "/account/export",
    tags: ["account"],
    summary: "Account, settings, projects, films with their prompts, and files, without their content.",
    responses: {
      200: { description: "The document.", content: { "application/json": { schema: z.looseObject({}) } } },
    },
  });
  // Registered by hand: the typed way wants JSON that is there as a whole.
  api.openAPIRegistry.registerPath(asJson);
  api.get(asJson.getRoutingPath(), (c) => {
    requireUser(c);
    const headers = headersFor(c, "json", "application/json");
    if (c.req.raw.method === "HEAD") return new Response(null, { headers });
    const body = ReadableStream.from(writeDocument(c)).pipeThrough(new TextEncoderStream());
    return new Response(body, { headers });
  });

  const asZip = createRoute({
    method: "get",
    path: "/account/export.zip",
    tags: ["account"],
    summary: "The same document, every film and every file, as one ZIP.",
    responses: {
      200: { description: "The ZIP.", content: { "application/zip": BYTES } },
    },
  });
  api.openapi(asZip, (c) => {
    requireUser(c);
    const headers = headersFor(c, "zip", "application/zip");
    if (c.req.raw.method === "HEAD") return new Response(null, { headers });
    return new Response(streamZip(writeZip(c)), { headers });
  });
}

function headersFor(c: Call, ending: string, type: string): HeadersInit {
  const day = iso(c.env.studio.clock.now()).slice(0, 10);
  return {
    "content-type": type,
    "content-disposition": disposition(`Animatrix - ${day}.${ending}`),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
}

async function* writeZip(c: Call) {
  const lastModified = c.env.studio.clock.now();
  const document = ReadableStream.from(writeDocument(c)).pipeThrough(new TextEncoderStream());
  yield { name: "account.json", lastModified, input: document };
  yield* readEntries(c.env.studio, listEntries(c));
}

/** Item by item, so that a long past does not stand in memory as a whole. */
async function* writeDocument(c: Call): AsyncGenerator<string> {
  const { studio } = c.env;
  const user = requireUser(c);
  const head = {
    exportedAt: iso(studio.clock.now()),
    account: showPerson(user),
    defaults: await studio.accounts.defaults(user.id) ?? DEFAULTS,
    sessions: await listSessions(c),
    apiTokens: await listTokens(c),
    webhooks: (await studio.webhooks.list(user.id)).map(showWebhook),
    presets: (await studio.presets.list(user.id)).map(showPreset),
  };
  yield JSON.stringify(head, null, 1).replace(/\n\}$/, "");
  yield* writeList("projects", mapEach(listProjects(c), (project) => showProject(c, project)));
  yield* writeList(
    "films",
    mapEach(listFilms(c), async (film) => ({
      ...showJob(film, viewerOf(c)),
      outputs: (await studio.jobs.outputs(film.id)).map((output) => ({
        ...showOutput(film, output),
        path: filmPath(film, output),
      })),
    })),
  );
  yield* writeList("files", mapEach(listFiles(c), (file) => ({ ...showAsset(file), path: filePath(file) })));
  yield "\n}\n";
}

async function* writeList(name: string, items: AsyncIterable<unknown>): AsyncGenerator<string> {
  yield `,\n "${name}": [`;
  let comma = "\n";
  for await (const item of items) {
    yield comma + JSON.stringify(item);
    comma = ",\n";
  }
  yield "\n ]";
}

async function* mapEach<From, To>(items: AsyncIterable<From>, map: (item: From) => To | Promise<To>) {
  for await (const item of items) yield await map(item);
}

/** Every stored film and file under the path that the document names. What storage has lost is left out. */
async function* listEntries(c: Call): AsyncGenerator<Entry> {
  const { studio } = c.env;
  for await (const film of listFilms(c)) {
    for (const output of await studio.jobs.outputs(film.id)) {
      const stat = await studio.files.stat(output.file);
      const { file, createdAt: at } = output;
      if (stat !== null) yield { name: filmPath(film, output), file, bytes: stat.bytes, at };
    }
  }
  for await (const asset of listFiles(c)) {
    const { name: file } = asset.content.file;
    const stat = await studio.files.stat(file);
    if (stat !== null) yield { name: filePath(asset), file, bytes: stat.bytes, at: asset.createdAt };
  }
}

/** Each path carries a piece of the id, so that no two are the same. */
function filmPath(film: JobRecord, output: OutputRecord): string {
  return `films/${downloadName(film, { ext: endingOf(output.file), part: output.id.slice(-8) })}`;
}

function filePath({ id, name, content }: StoredAsset): string {
  const ending = endingOf(name);
  const stem = ending === "" ? name : name.slice(0, -ending.length - 1);
  return `files/${cleanName(`${stem} - ${id.slice(-8)}.${content.file.ext}`)}`;
}

async function* pages<Item>(read: (paging: Paging) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await read({ cursor, limit: PER_PAGE });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

const ALL = { search: "", mark: null, projectId: undefined, from: null, until: null };

function listProjects(c: Call) {
  const { id } = requireUser(c);
  return pages((paging) => c.env.studio.projects.list(id, paging));
}

/** Also what lies in the trash: it is the person's until it is gone. */
async function* listFilms(c: Call): AsyncGenerator<JobRecord> {
  const { id } = requireUser(c);
  const { library } = c.env.studio;
  yield* pages((paging) => library.films(id, { ...ALL, mode: null, engine: null, state: "any" }, paging));
  for await (const thing of pages((paging) => library.trash(id, paging))) {
    if (thing.type === "film") yield thing.film;
  }
}

/** An upload that never came has nothing to take along. */
async function* listFiles(c: Call): AsyncGenerator<StoredAsset> {
  const { id } = requireUser(c);
  const { library } = c.env.studio;
  const isStored = (file: Asset): file is StoredAsset => file.content !== null;
  for await (const file of pages((paging) => library.files(id, { ...ALL, kind: null }, paging))) {
    if (isStored(file)) yield file;
  }
  for await (const thing of pages((paging) => library.trash(id, paging))) {
    if (thing.type === "file" && isStored(thing.file)) yield thing.file;
  }
}
