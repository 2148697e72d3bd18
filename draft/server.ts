/** The draft renderer: a server that speaks ComfyUI's HTTP and WebSocket and needs no GPU and no models. */
import { Hono } from "hono";
import type { Clock, Ids, Log, Media } from "@/core/ports.ts";
import type { NodeLibrary } from "./contract.ts";
import { DefinitionBook, type Models } from "./definitions.ts";
import type { Desk } from "./desk.ts";
import { Faults, type Order } from "./faults.ts";
import { emptyTemp, openFolders } from "./folders.ts";
import { FOREIGN_CLASS, foreignDefinition, foreignKind } from "./foreign.ts";
import { isCrossSite } from "./guard.ts";
import type { Ending } from "./history.ts";
import { Life } from "./life.ts";
import { Listener } from "./listener.ts";
import { adminRoutes, makeObey } from "./routes/admin.ts";
import { answerEmpty, answerProblem, answerText } from "./routes/answers.ts";
import { infoRoutes } from "./routes/info.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { promptRoutes } from "./routes/prompt.ts";
import { queueRoutes } from "./routes/queue.ts";
import { uploadRoutes } from "./routes/upload.ts";
import { viewRoutes } from "./routes/view.ts";
import { Sockets } from "./socket.ts";
import { traitsOf, type Version } from "./versions.ts";
import { isRecord, type Json } from "./python.ts";
import { resolve } from "node:path";

export interface DraftOptions {
  /** 0 takes a free port. */
  port: number;
  hostname?: string;
  /** Root of the folders `input`, `output` and `temp`. */
  dir: string;
  library: NodeLibrary;
  media: Media;
  version?: Version;
  models?: Models;
  /** What the lists show when every model is accepted; by default the names in the library's definitions. */
  knownModels?: Record<string, string[]>;
  /** Milliseconds that one sampler step takes. */
  stepMs?: number;
  /** Milliseconds that loading other models than the last prompt's takes. */
  loadMs?: number;
  /** ComfyUI's `--max-upload-size`, for every request body. */
  uploadMaxBytes?: number;
  log: Log;
  clock: Clock;
  ids: Ids;
}

export interface Draft {
  url: string;
  port: number;
  faults: Faults;
  /** The same orders as `POST /draft/faults`. */
  obey: (order: Order) => Promise<void>;
  /** Ends the running prompt, breaks all connections and empties `temp`. */
  close: () => Promise<void>;
}

/** Time that the answer to an order gets before its connection breaks. */
const ANSWER_MS = 10;

const UPLOAD_MAX_BYTES = 100 * 1024 * 1024;

export async function startDraft(options: DraftOptions): Promise<Draft> {
  const hostname = options.hostname ?? "127.0.0.1";
  const folders = await openFolders(options.dir);
  const server = new DraftServer({ ...options, hostname }, folders);
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${server.port}`,
    port: server.port,
    faults: server.faults,
    obey: makeObey(server),
    close: () => server.close(),
  };
}

class DraftServer implements Desk {
  readonly version: Version;
  readonly traits;
  readonly folders;
  readonly book: DefinitionBook;
  readonly media: Media;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly faults = new Faults();
  readonly sockets: Sockets;
  readonly uploadMaxBytes: number;
  readonly #options: DraftOptions;
  readonly #listener: Listener;
  readonly #closing = new AbortController();
  /** Former lives whose last node still runs. */
  readonly #ends = new Set<Promise<void>>();
  #cuts: Promise<void> = Promise.resolve();
  #life: Life;
  #epoch = 1;

  constructor(options: DraftOptions & { hostname: string }, folders: Desk["folders"]) {
    this.#options = options;
    this.version = options.version ?? "0.33.0";
    this.traits = traitsOf(this.version);
    this.folders = folders;
    this.media = options.media;
    this.clock = options.clock;
    this.ids = options.ids;
    this.log = options.log;
    this.uploadMaxBytes = options.uploadMaxBytes ?? UPLOAD_MAX_BYTES;
    this.book = new DefinitionBook({
      definitions: options.library.definitions,
      folders,
      models: options.models ?? "all",
      knownModels: options.knownModels,
      traits: this.traits,
    });
    this.sockets = new Sockets({
      ids: this.ids,
      log: this.log,
      settings: () => this.faults.settings,
      status: () => this.#life.status(),
      features: () => this.features(),
      runningNode: (sid) => this.#life.runningNode(sid),
    });
    this.#life = this.#begin();
    const app = this.#makeApp();
    this.#listener = new Listener({
      port: options.port,
      hostname: options.hostname,
      clock: this.clock,
      handler: (request) => this.#answer(request, app),
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  life(): Life {
    return this.#life;
  }

  epoch(): number {
    return this.#epoch;
  }

  features(): Json {
    const { jobs, assets } = this.traits;
    return {
      supports_preview_metadata: true,
      ...(assets ? { supports_model_type_tags: true } : {}),
      max_upload_size: this.uploadMaxBytes,
      ...(jobs ? { extension: { manager: { supports_v4: true } } } : {}),
      ...(assets ? { node_replacements: true, assets: false } : {}),
    };
  }

  async restart(downMs: number): Promise<void> {
    this.#endLife();
    this.#epoch += 1;
    this.#life = this.#begin();
    await emptyTemp(this.folders);
    await Deno.mkdir(this.folders.temp, { recursive: true });
    await this.cut(downMs);
  }

  /** Cuts follow each other. Each leaves a moment for the answer to the order that asked for it. */
  cut(downMs: number): Promise<void> {
    this.#cuts = this.#cuts.then(async () => {
      await this.clock.sleep(ANSWER_MS, this.closing).catch(() => {});
      await this.#listener.cut(downMs, this.closing);
    });
    return this.#cuts;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#endLife();
    await Promise.all([...this.#ends, this.#cuts]);
    this.sockets.closeAll();
    await this.#listener.close();
    await emptyTemp(this.folders);
  }

  #endLife(): void {
    const ending = this.#life.end();
    this.faults.releaseHangs();
    this.#ends.add(ending);
    ending.then(() => this.#ends.delete(ending));
  }

  #begin(): Life {
    const { library, media, stepMs = 0, loadMs = 0 } = this.#options;
    return new Life({
      clock: this.clock,
      log: this.log,
      sockets: this.sockets,
      faults: this.faults,
      loadMs,
      executor: {
        kind: (name) => name === FOREIGN_CLASS ? foreignKind : library.kinds[name],
        definition: (name) => name === FOREIGN_CLASS ? foreignDefinition : this.book.peek(name),
        context: { folders: this.folders, media, stepMs },
        keepsCachedOutputs: this.traits.cachedOutputs,
        removeFiles: (outputs) => this.#removeFiles(outputs),
      },
    });
  }

  async #removeFiles(outputs: Ending["outputs"]): Promise<void> {
    for (const item of Object.values(outputs).flatMap((node) => Object.values(node).flat())) {
      if (!isRecord(item) || item.type !== "output" || typeof item.filename !== "string") continue;
      await Deno.remove(resolve(this.folders.output, String(item.subfolder ?? ""), item.filename));
    }
  }

  #makeApp(): Hono {
    const routes = new Hono();
    for (const group of [promptRoutes, queueRoutes, jobRoutes, uploadRoutes, viewRoutes, infoRoutes]) {
      routes.route("/", group(this));
    }
    const app = new Hono();
    app.route("/", adminRoutes(this, makeObey(this)));
    app.route("/", routes);
    app.route("/api", routes);
    app.notFound(({ req }) =>
      ["GET", "HEAD"].includes(req.method) ? answerEmpty(404) : answerText("405: Method Not Allowed", {
        status: 405,
      })
    );
    app.onError((problem) => {
      this.log.debug("request failed", { reason: problem.message });
      return answerProblem(problem);
    });
    return app;
  }

  async #answer(request: Request, app: Hono): Promise<Response> {
    const path = new URL(request.url).pathname;
    if (isCrossSite(request.headers, this.traits)) return answerEmpty(403);
    if (path.startsWith("/draft/")) return await app.fetch(request);
    const canned = this.faults.takeAnswer(path.replace(/^\/api(?=\/(?!jobs|assets))/, ""));
    if (canned !== undefined) {
      await request.body?.cancel();
      return new Response(canned.body, {
        status: canned.status,
        headers: { "content-type": canned.contentType },
      });
    }
    const isUpgrade = request.headers.get("upgrade")?.toLowerCase() === "websocket";
    if ((path === "/ws" || path === "/api/ws") && isUpgrade) return this.sockets.accept(request);
    const pauseMs = this.faults.settings.answerMs;
    if (pauseMs > 0) await this.clock.sleep(pauseMs, this.closing).catch(() => {});
    return await app.fetch(request);
  }
}
