/** Migrations: every table of the sources is there, and running them again changes nothing. */
import { sql } from "kysely";
import { migrate } from "@/db/migrate.ts";
import type { Migration } from "@/db/migrations/kit.ts";
import { StudioError } from "@/core/problem.ts";
import { openDatabase } from "@/db/sqlite.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { openSqlite } from "./fixtures.ts";

/** Tables and columns that the source documents fix. */
const SOURCE: Record<string, string> = {
  users: "id email password_hash created_at updated_at",
  assets:
    "id owner_id asset_type mime_type original_filename storage_path thumbnail_path size_bytes width height duration_seconds created_at",
  jobs:
    "id owner_id mode submode prompt negative_prompt status comfy_prompt_id workflow_template_name workflow_template_version settings_json created_at updated_at",
  job_outputs: "id job_id output_type file_path poster_path metadata_json created_at",
  job_events: "id job_id event_type message payload_json created_at",
  projects: "",
  characters: "",
  character_attributes: "",
  character_variations: "",
  generation_params: "",
  quality_scores: "",
  story_bibles: "",
  research_jobs:
    "id status genre_topic expanded_queries filters top_n gemini_model error_message created_at completed_at",
  research_videos:
    "id job_id video_id title channel published_at views likes duration_seconds description thumbnail_url url relevance_score gemini_reasoning selected_for_curation created_at",
  curation_jobs:
    "id research_job_id status selected_video_ids creative_brief user_approved_brief num_scenes image_model video_model created_at approved_at",
  production_jobs:
    "id curation_job_id status job_dir num_tracks num_scenes concatenated_audio_path beat_timestamps assembled_video_path final_video_path youtube_video_id youtube_title youtube_description youtube_hashtags total_duration_sec file_size_bytes error_message created_at published_at",
  production_tracks:
    "id job_id track_number song_prompt suno_task_id suno_status title duration_seconds audio_url local_audio_path error_message created_at",
  production_scenes:
    "id job_id scene_number description image_prompt image_model image_url local_image_path animation_method animation_model animation_decision motion_prompt cometapi_task_id animation_status local_video_path duration_seconds beat_cut_start_sec beat_cut_end_sec created_at",
  system_config: "key value description is_secret updated_at",
};

const SOURCE_UNIQUE: Record<string, string> = {
  research_videos: "job_id video_id",
  production_tracks: "job_id track_number",
  production_scenes: "job_id scene_number",
};

/** Where the product differs, and why. */
const DEVIATIONS: Record<string, string> = {
  job_events: "a view over the runtime's `event` table, so that history is written once",
};

Deno.test("the schema holds every table, column and unique constraint of the sources, deviations named [XC28]", async () => {
  const { database, close } = await openSqlite();
  const deviating: string[] = [];
  for (const [table, wanted] of Object.entries(SOURCE)) {
    const entry = await sql<{ type: string }>`select type from sqlite_master where name = ${table}`
      .execute(database.writer);
    assert(entry.rows[0], `table ${table} is missing`);
    if (entry.rows[0].type !== "table") deviating.push(table);
    const there = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(
      database.writer,
    );
    const names = there.rows.map((row) => row.name);
    const missing = wanted.split(" ").filter((column) => column !== "" && !names.includes(column));
    assertEquals(missing, [], `columns missing in ${table}`);
  }
  assertEquals(deviating, Object.keys(DEVIATIONS));
  for (const [table, columns] of Object.entries(SOURCE_UNIQUE)) {
    const found = await sql<{ columns: string }>`
      select (select group_concat(name, ' ') from pragma_index_info(list.name)) as columns
      from pragma_index_list(${table}) list where list."unique" = 1`.execute(database.writer);
    assert(found.rows.some((row) => row.columns === columns), `unique (${columns}) is missing in ${table}`);
  }
  await close();
});

Deno.test("running all migrations a second time changes nothing [XC13]", async () => {
  const database = openDatabase(":memory:");
  assertEquals((await migrate(database.writer)).length > 0, true);
  const dump = async () => {
    const schema = await sql`select * from sqlite_master order by name`.execute(database.writer);
    const ledger = await sql`select * from migration order by name`.execute(database.writer);
    const changes = await sql`select total_changes() as n`.execute(database.writer);
    return [schema.rows, ledger.rows, changes.rows];
  };
  const before = await dump();
  assertEquals(await migrate(database.writer), []);
  assertEquals(await dump(), before);
  await database.close();
});

Deno.test("a migration that fails leaves nothing behind and runs again", async () => {
  const database = openDatabase(":memory:");
  let broken = true;
  const shaky: Migration = {
    name: "0001_shaky",
    up: async ({ on }) => {
      await on.schema.createTable("half").addColumn("id", "text").execute();
      if (broken) throw new Error("power cut");
    },
  };
  await assertRejects(() => migrate(database.writer, { migrations: [shaky] }));
  broken = false;
  assertEquals(await migrate(database.writer, { migrations: [shaky] }), ["0001_shaky"]);
  await database.close();
});

Deno.test("a database of a newer version is refused", async () => {
  const { database, close } = await openSqlite();
  await database.writer.insertInto("migration").values({ name: "9999_future" }).execute();
  await assertRejects(
    () => migrate(database.writer),
    (thrown) => assert(thrown instanceof StudioError && thrown.problem.code === "studio.config"),
  );
  await close();
});

Deno.test("the types of tables name the columns that the migrations made", async () => {
  const { database, close } = await openSqlite();
  const text = await Deno.readTextFile("db/schema_runtime.ts") +
    await Deno.readTextFile("db/schema_product.ts");
  const fields = new Map<string, string[]>();
  for (const [, name, body] of text.matchAll(/export interface (\w+) \{\n(.*?)\n\}/gs)) {
    const members = [...(body ?? "").matchAll(/^ {2}(\w+): ([^;]+);$/gm)];
    fields.set(name ?? "", members.map(([, member]) => member ?? ""));
  }
  let compared = 0;
  for (const [, table, type] of text.matchAll(/^ {2}(\w+): (\w+(?:Table|View));$/gm)) {
    const info = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(
      database.writer,
    );
    assertEquals(fields.get(type ?? "")?.sort(), info.rows.map((row) => row.name).sort(), table);
    compared++;
  }
  assert(compared > 25, `only ${compared} tables were compared`);
  await close();
});
