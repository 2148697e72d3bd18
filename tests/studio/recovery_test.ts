/** The way back in by `deno task operator`: beside a studio that runs and one that does not, told in the audit log. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { openHouseAt, personAt } from "@/tests/rig/rig.ts";

const Entries = z.looseObject({
  items: z.array(z.looseObject({ action: z.string(), byMachine: z.boolean(), about: z.string().nullable() })),
});
const NEW = "an entirely new passphrase";

async function operate(dir: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "operator", ...args],
    env: { DATA_DIR: dir, PUBLIC_URL: "https://studio.example", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, said: text(stdout) + (code === 0 ? "" : text(stderr)) };
}

Deno.test("the only operator who lost the password gets in again in a closed studio, which runs meanwhile; a stopped one gets an operator", async () => {
  const dir = await Deno.makeTempDir();
  const none = await operate(dir);
  assertEquals(none.code, 1);
  assertMatch(none.said, /There is no studio/);
  let house = await openHouseAt(dir, { REGISTRATION: "open" });
  try {
    const lost = await personAt(house).register("op@studio.example");
    await personAt(house).register("mika@studio.example");
    const made = await operate(dir, "link", "OP@studio.example");
    assertEquals(made.code, 0, made.said);
    const [, token = ""] = /https:\/\/studio\.example\/new-password\?token=(\S+)/.exec(made.said) ?? [];
    const back = personAt(house);
    const choose = () => back.send("POST", "/auth/new-password", { token, password: NEW });
    const chosen = await choose();
    assertEquals([chosen.status, (await chosen.text()).includes("op@studio.example")], [200, true]);
    assertEquals((await choose()).status, 403, "good once");
    assertEquals((await lost.send("GET", "/auth/me")).status, 401, "who had the old password is signed out");
    const { items: [first] } = await back.json(Entries, "GET", "/admin/audit");
    assertEquals([first?.action, first?.byMachine, first?.about], [
      "person.password_link",
      true,
      "op@studio.example",
    ]);
    assertMatch((await operate(dir)).said, /operator {2}op@studio\.example\ncreator {3}mika@studio\.example/);
    const nobody = await operate(dir, "link", "nobody@studio.example");
    assertEquals([nobody.code, nobody.said.includes("Nobody with the address")], [1, true]);
    assertEquals((await operate(dir, "make")).code, 2);
    await house.close();

    assertMatch(
      (await operate(dir, "make", "mika@studio.example")).said,
      /is an operator\. The studio does not run/,
    );
    house = await openHouseAt(dir, { REGISTRATION: "closed" });
    const mika = await personAt(house).logIn("mika@studio.example");
    const { items } = await mika.json(Entries, "GET", "/admin/audit");
    assert(
      items.some(({ action, byMachine, about }) =>
        action === "person.change" && byMachine && about === "mika@studio.example"
      ),
    );
  } finally {
    await house.close();
    await Deno.remove(dir, { recursive: true });
  }
});
