/** The lint plugin that keeps imports a star (ARCHITECTURE.md): everything may import core/, siblings do not know each other. */

/** What a file in a folder may import besides its own folder. Anything not listed is refused. */
const MAY_IMPORT: Record<string, RegExp[]> = {
  "core/": [],
  "adapters/": [/^core\//],
  "db/": [/^core\//],
  "actors/": [/^core\//],
  "components/": [/^core\//, /^islands\//],
  "islands/": [/^core\//, /^components\//],
  "api/": [/^core\//, /^actors\/[a-z_]+\/messages\.ts$/],
  "routes/": [/^core\//, /^components\//, /^islands\//, /^actors\/[a-z_]+\/messages\.ts$/],
  "draft/": [/^core\//, /^adapters\/media\//],
  "lib/": [],
  "workflows/": [],
};
const EXCEPTIONS: { from: string; to: RegExp }[] = [{ from: "draft/main.ts", to: /^adapters\/system\// }, {
  from: "routes/api/[...path].ts",
  to: /^api\/mod\.ts$/,
}];
const CORE_PACKAGES = ["zod"];
const NOT_IN_CORE = ["Deno", "fetch", "crypto", "performance", "setTimeout", "setInterval"];

/** The path below the repository's root, whatever machine it lies on. */
export function relativePath(file: string, root: string): string {
  return file.replaceAll("\\", "/").replace(root.replaceAll("\\", "/").replace(/\/?$/, "/"), "");
}

/** Where an import leads, as a path below the root; null for packages and for the layer's import-map names. */
export function targetOf(specifier: string, from: string): string | null {
  if (specifier.startsWith("@/")) return specifier.slice(2);
  if (!specifier.startsWith(".")) return null;
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** The folder that counts as one: each adapter is on its own, everything else is its top folder. */
function roomOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "adapters" || top === "lib" ? `${top}/${second}/` : `${top}/`;
}

/** The fault of one import, or null. */
export function importFault(from: string, specifier: string): string | null {
  const top = `${from.split("/")[0]}/`;
  const rules = MAY_IMPORT[top];
  if (!rules || !from.includes("/")) return null;
  const target = targetOf(specifier, from);
  if (target === null) {
    if (IN_BROWSER.test(from) && specifier === "fresh") {
      return `Cannot import fresh from ${top}: browsers get this file too, so only fresh/runtime is allowed there`;
    }
    const foreign = top === "core/" && !CORE_PACKAGES.includes(specifier);
    return foreign ? `Cannot import ${specifier} from core/: only zod is allowed there` : null;
  }
  if (roomOf(target) === roomOf(from)) return null;
  if (EXCEPTIONS.some((exception) => exception.from === from && exception.to.test(target))) return null;
  if (rules.some((rule) => rule.test(target))) return null;
  return `Cannot import ${target} from ${roomOf(from)}`;
}

/** Files that end up in browsers. */
const IN_BROWSER = /^(components|islands)\/|\/\(_islands\)\//;
/** Where people's words may not stand in the markup. */
const FACE = /^(routes|components|islands)\//;
const SPOKEN = ["alt", "aria-label", "placeholder", "title"];
const WORD = /\p{L}{2}/u;

const HINT = "Declare a port in core/ports.ts and let main.ts hand it in (ARCHITECTURE.md, imports).";

const plugin: Deno.lint.Plugin = {
  name: "star",
  rules: {
    imports: {
      create(context) {
        const from = relativePath(context.filename, Deno.cwd());
        const check = (node: { source: { value: unknown } | null }) => {
          const fault = node.source ? importFault(from, String(node.source.value)) : null;
          if (fault && node.source) {
            context.report({ node: node.source as Deno.lint.Node, message: fault, hint: HINT });
          }
        };
        return {
          ImportDeclaration: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
          ImportExpression(node) {
            if (node.source.type === "Literal") check({ source: node.source });
          },
        };
      },
    },
    words: {
      create(context) {
        if (!FACE.test(relativePath(context.filename, Deno.cwd()))) return {};
        const report = (node: Deno.lint.Node) =>
          context.report({
            node,
            message: "Cannot write words for people here: they live in core/words/",
            hint: "Add the sentence to core/words/en/ and use it from there.",
          });
        return {
          JSXText(node) {
            if (WORD.test(node.value)) report(node);
          },
          JSXAttribute(node) {
            const { name, value } = node;
            if (name.type !== "JSXIdentifier" || !SPOKEN.includes(name.name)) return;
            if (value?.type === "Literal" && WORD.test(String(value.value))) report(node);
          },
        };
      },
    },
    inline: {
      create(context) {
        if (!FACE.test(relativePath(context.filename, Deno.cwd()))) return {};
        const report = (node: Deno.lint.Node, what: string) =>
          context.report({
            node,
            message: `Cannot write ${what} in the markup: the content policy refuses it in browsers`,
            hint: "Use a class, an attribute of SVG or <progress>; scripts are islands.",
          });
        return {
          JSXAttribute(node) {
            const name = node.name.type === "JSXIdentifier" ? node.name.name : "";
            if (name === "style") report(node, "a style");
            if (node.value?.type === "Literal" && /^on[a-z]/i.test(name)) report(node, "a handler as text");
          },
          JSXOpeningElement(node) {
            const isTag = (name: string) => node.name.type === "JSXIdentifier" && node.name.name === name;
            if (isTag("style")) report(node, "a style sheet");
            // A file of the studio's own is no script in the markup.
            const hasFile = node.attributes.some((one) =>
              one.type === "JSXAttribute" && one.name.type === "JSXIdentifier" && one.name.name === "src"
            );
            if (isTag("script") && !hasFile) report(node, "a script");
          },
        };
      },
    },
    pure: {
      create(context) {
        if (!relativePath(context.filename, Deno.cwd()).startsWith("core/")) return {};
        const report = (node: Deno.lint.Node, what: string) =>
          context.report({
            node,
            message: `Cannot use ${what} in core/: it does nothing but compute`,
            hint: HINT,
          });
        return {
          MemberExpression(node) {
            if (node.object.type !== "Identifier" || node.property.type !== "Identifier") return;
            const name = `${node.object.name}.${node.property.name}`;
            if (["Date.now", "Math.random"].includes(name) || node.object.name === "Deno") report(node, name);
          },
          CallExpression(node) {
            if (node.callee.type === "Identifier" && NOT_IN_CORE.includes(node.callee.name)) {
              report(node, node.callee.name);
            }
          },
        };
      },
    },
  },
};
export default plugin;
