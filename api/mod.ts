/** The Hono app behind `/api/*`. It reaches the world only through the `Studio` in its environment. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import { addAccount } from "./account.ts";
import { addAccountExport } from "./account_export.ts";
import { addAdmin } from "./admin.ts";
import { addAdminFailed } from "./admin_failed.ts";
import { addAdminLine } from "./admin_line.ts";
import { addLineEdit } from "./admin_line_edit.ts";
import { addLineMany } from "./admin_line_many.ts";
import { addMaintenance, tellMaintenance } from "./admin_maintenance.ts";
import { addAdminSettings } from "./admin_settings.ts";
import { addDiagnostics } from "./admin_diagnostics.ts";
import { addAdminInsight } from "./admin_insight.ts";
import { addQueueFile } from "./admin_queue_file.ts";
import { addAdminServers } from "./admin_servers.ts";
import { addAdminTemplates } from "./admin_templates.ts";
import { addAssets } from "./assets.ts";
import { addAudit } from "./audit.ts";
import { addAuth } from "./auth.ts";
import { checkBody, checkLength } from "./body.ts";
import { addDocument } from "./document.ts";
import type { Api, Env } from "./env.ts";
import { addBatches } from "./batches.ts";
import { addEvents } from "./events.ts";
import { addHealth } from "./health.ts";
import { addJobCommands } from "./job_commands.ts";
import { addJobFiles } from "./job_files.ts";
import { addJobs } from "./jobs.ts";
import { addModes } from "./modes.ts";
import { addPresets } from "./presets.ts";
import { addPreview } from "./preview.ts";
import { addLibrary } from "./library.ts";
import { answerUntaken } from "./methods.ts";
import { addNewPassword } from "./new_password.ts";
import { addPeople } from "./people.ts";
import { answerThrown, fieldsOf } from "./problems.ts";
import { addPromptFiles } from "./prompt_files.ts";
import { addProjects } from "./projects.ts";
import { addRegistration } from "./registration.ts";
import { nameRequest } from "./requests.ts";
import { addQueue } from "./queue.ts";
import { addShared } from "./shared.ts";
import { addShares } from "./shares.ts";
import { addShelf } from "./shelf.ts";
import { addTokens } from "./tokens.ts";
import { addUse } from "./use.ts";
import { addKeeping } from "./keeping.ts";
import { addRoom } from "./room.ts";
import { addAdminWebhooks } from "./admin_webhooks.ts";
import { addWebhooks } from "./webhooks.ts";
import { addZip } from "./zip.ts";
import { checkOrigin, guardRoutes, readSession } from "./session.ts";

export type { Bindings } from "./env.ts";

export const OPENAPI_PATH = "/api/openapi.json";

/** Builds the app; nothing is opened. */
export function makeApi(): Api {
  const api: Api = new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) throw fail("request.invalid", { fields: fieldsOf(result.error) });
    },
  }).basePath("/api");
  api.onError((thrown, c) => answerThrown(c, thrown));
  api.notFound(answerUntaken(api));
  api.use("*", async (c, next) => {
    await next();
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });
  api.use("*", nameRequest);
  api.use("*", tellMaintenance);
  api.use("*", checkLength);
  api.use("*", checkOrigin);
  api.use("*", readSession);
  api.use("*", guardRoutes);
  api.use("*", checkBody);
  addRegistration(api);
  addAuth(api);
  addNewPassword(api);
  addAccount(api);
  addTokens(api);
  addUse(api);
  addRoom(api);
  addKeeping(api);
  addAccountExport(api);
  addAssets(api);
  addJobs(api);
  addPreview(api);
  addPromptFiles(api);
  addJobCommands(api);
  addBatches(api);
  addJobFiles(api);
  addQueue(api);
  addLibrary(api);
  addZip(api);
  addProjects(api);
  addShares(api);
  addWebhooks(api);
  addShared(api);
  addEvents(api);
  addModes(api);
  addShelf(api);
  addPresets(api);
  addAdmin(api);
  addPeople(api);
  addAdminServers(api);
  addMaintenance(api);
  addAdminSettings(api);
  addAdminInsight(api);
  addQueueFile(api);
  addDiagnostics(api);
  addAdminWebhooks(api);
  addLineEdit(api);
  addLineMany(api);
  addAdminLine(api);
  addAdminFailed(api);
  addAdminTemplates(api);
  addAudit(api);
  addHealth(api);
  addDocument(api);
  return api;
}

export const api = makeApi();
