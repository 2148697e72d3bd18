/** Backup and restore: a copy of a studio at work is a whole studio, and neither overwrites anything. */
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "@/adapters/system/clock.ts";
import { problemOf } from "@/core/problem.ts";
import { makeBackup } from "@/studio/backup/make.ts";
import { restoreBackup } from "@/studio/backup/restore.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { dump, filesBelow } from "@/tests/rig/copies.ts";
import { readSample } from "@/tests/rig/person.ts";
import { configFor, openRig, type Rig } from "@/tests/rig/rig.ts";

const clock = systemClock();

async function refusal(act: () => Promise<unknown>): Promise<string> {
  const found = problemOf(await assertRejects(act));
  assertEquals(found.code, "studio.config");
  return found.message;
}

const back = (rig: Rig, to: string) => makeBackup({ config: configFor(`${rig.dir}/data`), to, clock });
const restore = (from: string, to: string) => restoreBackup({ config: configFor(to), from, clock });

Deno.test("the commands back up and restore with the permissions that they are given", async () => {
  await using rig = await openRig();
  await rig.person.upload("voice.mp3", await readSample("voice.mp3"));
  const run = async (task: string, folder: string, data: string) => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", task, folder],
      env: { DATA_DIR: data, NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert(success, said);
  };
  await run("backup", `${rig.dir}/copy`, `${rig.dir}/data`);
  await run("restore", `${rig.dir}/copy`, `${rig.dir}/again`);
  assertEquals(
    dump(`${rig.dir}/again/studio.db`).get("users"),
    dump(`${rig.dir}/data/studio.db`).get("users"),
  );
  assertEquals(await filesBelow(`${rig.dir}/again/files`), await filesBelow(`${rig.dir}/data/files`));
});

Deno.test("backup and restore overwrite nothing, and a damaged, incomplete or newer backup is refused", async () => {
  await using rig = await openRig();
  const { dir, person } = rig;
  await person.bringCast();
  assert((await refusal(() => makeBackup({ config: configFor(`${dir}/none`), to: `${dir}/x`, clock })))
    .includes("no studio"));
  const apart = configFor(`${dir}/data`, { STORAGE_URL: "s3://studio/films" });
  const { database, files } = await makeBackup({ config: apart, to: `${dir}/apart`, clock });
  assertEquals([database.bytes > 0, files], [true, { count: 0, bytes: 0 }], "a bucket keeps its own files");
  await back(rig, `${dir}/copy`);
  assert((await refusal(() => back(rig, `${dir}/copy`))).includes("not empty"));
  assert((await refusal(() => restore(`${dir}/copy`, `${dir}/data`))).includes("overwrites nothing"));
  assert((await refusal(() => restore(`${dir}/draft`, `${dir}/x`))).includes("no whole backup"));

  const [name] = [...(await filesBelow(`${dir}/copy/files`)).keys()];
  const path = `${dir}/copy/files/${name}`;
  const whole = await Deno.readFile(path);
  await Deno.writeFile(path, whole.slice(1));
  assert((await refusal(() => restore(`${dir}/copy`, `${dir}/a`))).includes("damaged"));
  await Deno.remove(path);
  assert((await refusal(() => restore(`${dir}/copy`, `${dir}/b`))).includes("files of the backup"));
  for (const to of ["a", "b"]) await assertRejects(() => Deno.stat(`${dir}/${to}/studio.db`));
  await Deno.writeFile(path, whole);
  await restore(`${dir}/copy`, `${dir}/b`);

  const changed = new DatabaseSync(`${dir}/copy/studio.db`);
  changed.exec("insert into migration (name) values ('9999_later')");
  changed.close();
  assert((await refusal(() => restore(`${dir}/copy`, `${dir}/c`))).includes("not what the backup wrote"));
  const newer = new DatabaseSync(`${dir}/b/studio.db`);
  newer.exec("insert into migration (name) values ('9999_later')");
  newer.close();
  const config = configFor(`${dir}/b`);
  assert((await refusal(() => makeBackup({ config, to: `${dir}/y`, clock }))).includes("newer version"));
});
