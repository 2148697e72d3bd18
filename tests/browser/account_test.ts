/** The front door and the settings in a real browser, with and without script, wide and narrow. */
import type { Page } from "playwright-core";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { Person } from "@/tests/rig/person.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, PHONE, untilLive, type Visit, wearSession } from "./rig.ts";

const PASSWORD = "correct horse battery";
const journey = journeys();

/** Fills in fields in their order and sends their form with the Enter key. */
async function fillIn(page: Page, fields: Record<string, string>): Promise<void> {
  const names = Object.keys(fields).map((name) => `[name=${name}]`);
  for (const [name, value] of Object.entries(fields)) await page.fill(`[name=${name}]`, value);
  await Promise.all([page.waitForEvent("load"), page.press(names.at(-1) ?? "", "Enter")]);
}

const pathOf = (page: Page) => new URL(page.url()).pathname + new URL(page.url()).search;

/** The first account of the file is the operator's; later journeys find it there. */
let operator: Person | null = null;

async function asOperator({ scene, context }: Visit): Promise<Person> {
  assert(operator !== null, "The first journey makes the operator");
  await wearSession(context, scene.url, operator);
  return operator;
}

journey("[AX1] a stranger sets the studio up: front page, form, signed in", async (visit) => {
  const { page, open, scene, expect } = visit;
  // What the room behind the door asks for has journeys of its own.
  expect(/\/api\/jobs\/preview/);
  await open("/");
  await assertOpenToAll(page);
  await page.click("text=Set up the studio");
  await page.waitForURL("**/register");
  await assertOpenToAll(page);
  await fillIn(page, { email: "op@studio.example", password: PASSWORD });
  assertEquals(pathOf(page), "/dashboard");
  await untilLive(page);
  const [cookie] = await page.context().cookies();
  assertEquals([cookie?.httpOnly, cookie?.sameSite], [true, "Lax"]);
  operator = await new Person(scene.url).logIn("op@studio.example");
  await open("/");
  assertEquals(await page.locator("main a.btn.go").innerText(), "Open the studio");
});

for (const [how, options] of Object.entries({ with: {}, without: { scripts: false } })) {
  journey(
    `[XC24] signing in ${how} script: wrong password, then back to where one wanted to be`,
    async (visit) => {
      const { page, open, scene, expect } = visit;
      const email = `${how}@studio.example`;
      await new Person(scene.url).register(email);
      await open("/settings/sessions");
      assertEquals(pathOf(page), "/login?next=%2Fsettings%2Fsessions");
      expect(/401 POST \S+\/login/);
      await fillIn(page, { email, password: "not the password" });
      assertEquals(await page.locator("[role=alert]").innerText(), "E-mail or password is wrong.");
      assertEquals(await page.inputValue("[name=email]"), email);
      assertEquals(await page.inputValue("[name=password]"), "");
      await fillIn(page, { password: PASSWORD });
      assertEquals(pathOf(page), "/settings/sessions");
      await page.click("text=Sign out");
      await page.waitForURL(`${scene.url}/`);
      await open("/settings");
      assertEquals(pathOf(page), "/login?next=%2Fsettings");
    },
    options,
  );
}

journey(
  "too many tries are told how long to wait, with the address kept",
  async ({ page, open, scene, expect }) => {
    expect(/4(01|29) POST \S+\/login/);
    const email = "tired@studio.example";
    await new Person(scene.url).register(email);
    await open("/login");
    const said = page.locator("[role=alert]");
    let tries = 0;
    // Tries come back with time, so a slow machine needs a few more.
    do await fillIn(page, { email, password: `guess number ${tries}` }); while (
      ++tries < 40 && !/Too many/.test(await said.innerText())
    );
    assert(tries > 10, `after ${tries} tries`);
    assertMatch(await said.innerText(), /Too many tries\. Try again in \d+ s/);
    assertEquals(await page.inputValue("[name=email]"), email);
    await assertOpenToAll(page);
  },
);

journey("a session that was ended elsewhere says so and leads back", async (visit) => {
  const { page, open, person } = visit;
  const other = await new Person(visit.scene.url).logIn(await emailOf(person));
  assertEquals((await other.send("DELETE", "/account/sessions")).status, 204);
  await open("/settings/defaults");
  assertEquals(pathOf(page), "/login?next=%2Fsettings%2Fdefaults");
  assertMatch(await page.locator("[role=status]").innerText(), /Your session has ended/);
  await fillIn(page, { email: await emailOf(other), password: PASSWORD });
  assertEquals(pathOf(page), "/settings/defaults");
}, { signedIn: true });

async function emailOf(person: Person): Promise<string> {
  const answer = await person.send("GET", "/auth/me");
  const { email } = await answer.json();
  return email ?? "";
}

journey("an operator invites somebody, who enters by the link, once", async (visit) => {
  const { page, open, context, expect } = visit;
  expect(/\/api\/jobs\/preview/);
  await asOperator(visit);
  await open("/admin/people");
  await page.fill("[name=note]", "Ana from the workshop");
  await page.click("text=Make the link");
  const link = await page.inputValue("input[type=url]");
  await assertOpenToAll(page);
  await context.clearCookies();
  await open(new URL(link).pathname + new URL(link).search);
  assertEquals(await page.locator("h1").innerText(), "You are invited");
  await fillIn(page, { email: "ana@studio.example", password: PASSWORD });
  assertEquals(pathOf(page), "/dashboard");
  await untilLive(page);
  await context.clearCookies();
  await open(new URL(link).pathname + new URL(link).search);
  assertMatch(await page.locator("main").innerText(), /does not work any more/);
  await asOperator(visit);
  await open("/admin/people");
  assertMatch(await page.locator("main").innerText(), /used by ana@studio\.example/);
});

journey(
  "a person ends the session on the other machine and changes the password",
  async ({ page, open, person, scene }) => {
    const email = await emailOf(person);
    const other = await new Person(scene.url).logIn(email);
    await open("/settings/sessions");
    assertEquals(await page.locator("main li").count(), 2);
    await page.click("main li button");
    await page.waitForURL(/done=one/);
    assertEquals((await other.send("GET", "/auth/me")).status, 401);
    await open("/settings");
    await fillIn(page, { current: PASSWORD, next: "an even longer password" });
    assertMatch(await page.locator("[role=status]").last().innerText(), /Your password is changed/);
    await open("/settings");
    assertEquals(pathOf(page), "/settings");
  },
  { signedIn: true },
);

journey(
  "an account is deleted with its address and password, and cannot be signed in to again",
  async (visit) => {
    const { page, open, person, expect } = visit;
    expect(/4\d\d POST \S+\/(login|settings)/);
    const email = await emailOf(person);
    await open("/settings/data");
    await fillIn(page, { confirm: "somebody@else.example", password: PASSWORD });
    assertMatch(await page.locator("#f-confirm-wrong").innerText(), /not the e-mail address/);
    await fillIn(page, { confirm: email, password: PASSWORD });
    assertEquals(pathOf(page), "/login?left");
    assertMatch(await page.locator("[role=status]").innerText(), /Your account is closed/);
    await fillIn(page, { email, password: PASSWORD });
    assertEquals(await page.locator("[role=alert]").innerText(), "E-mail or password is wrong.");
  },
  { signedIn: true },
);

for (const [width, options] of Object.entries({ wide: {}, narrow: { viewport: PHONE } })) {
  journey(`everybody can use the door, the settings and the people on a ${width} screen`, async (visit) => {
    const { page, open, expect } = visit;
    expect(/404 GET \S+\/jobs\/gone/);
    for (const path of ["/", "/login", "/login?next=/library", "/register", "/register?invite=gone"]) {
      await open(path);
      await assertOpenToAll(page);
    }
    await asOperator(visit);
    const paths = ["", "/sessions", "/defaults", "/connections", "/data"].map((part) => `/settings${part}`);
    for (const path of [...paths, "/admin/people", "/", "/jobs/gone"]) {
      await open(path);
      await assertOpenToAll(page);
    }
  }, options);
}
