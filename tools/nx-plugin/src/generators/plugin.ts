/** `nx g @relent/nx-plugin:plugin NAME`: a plugin without stages yet, and its place in the runner. */
import { readJson, type Tree, updateJson } from "@nx/devkit"
import { edit, write } from "./files.ts"
import { type Names, namesOf } from "./names.ts"

const dependencies = ["arrow", "divergence", "named", "random", "stage"]

const exported = (folder: string, types: string, code: string) => ({
  ".": { types: `./${folder}/index${types}`, default: `./${folder}/index${code}` },
  "./*": { types: `./${folder}/*${types}`, default: `./${folder}/*${code}` },
  "./package.json": "./package.json",
})

const manifest = ({ kebab, title }: Names, version: string) => ({
  name: `@relent/${kebab}`,
  version,
  description: title,
  license: "MIT",
  files: ["dist", "src", "pipelines", "suites"],
  type: "module",
  exports: exported("src", ".ts", ".ts"),
  publishConfig: { exports: exported("dist", ".d.ts", ".js") },
  dependencies: {
    ...Object.fromEntries(dependencies.map((name) => [`@relent/${name}`, "workspace:*"])),
    effect: "catalog:",
  },
})

const tsconfig = (compilerOptions: object, include: ReadonlyArray<string>) =>
  JSON.stringify({ extends: "../../tsconfig.base.json", compilerOptions, include })

const index = ({ kebab, title }: Names) => `/** ${title}. */
import { Plugin } from "@relent/stage"

export const plugin = Plugin.make("${kebab}", {
  title: "${title}",
  module: import.meta.url,
  stages: {},
})
`

const readme = ({ kebab, title }: Names) => `# @relent/${kebab}

${title}.
`

const test = ({ kebab }: Names) => `import { expect, it } from "vitest"
import { plugin } from "../src/index.ts"

it("every stage is found under its name", async () => {
  for (const [name, load] of Object.entries(plugin.stages)) expect((await load()).id).toBe(\`${kebab}/\${name}\`)
})
`

export const pluginGenerator = async (tree: Tree, options: { readonly name: string }): Promise<void> => {
  const names = namesOf(options.name)
  const root = `plugins/${names.kebab}`
  if (tree.exists(root)) throw new Error(`${root} is there already`)
  const { version } = readJson<{ version: string }>(tree, "packages/stage/package.json")
  await write(tree, `${root}/package.json`, JSON.stringify(manifest(names, version)))
  await write(tree, `${root}/tsconfig.json`, tsconfig({ noEmit: true, rootDir: "../.." }, ["src", "test"]))
  await write(tree, `${root}/tsconfig.build.json`, tsconfig({ rootDir: "src", outDir: "dist" }, ["src"]))
  await write(tree, `${root}/README.md`, readme(names))
  await write(tree, `${root}/src/index.ts`, index(names))
  await write(tree, `${root}/test/index.test.ts`, test(names))
  await edit(
    tree,
    "apps/runner/src/plugins.ts",
    /\n\]\)/,
    ([end]) => `\nentry("${names.kebab}", () => import("@relent/${names.kebab}").then((m) => m.plugin)),${end}`,
  )
  updateJson(tree, "apps/runner/package.json", (runner: { dependencies: Record<string, string> }) => {
    const all = { ...runner.dependencies, [`@relent/${names.kebab}`]: "workspace:*" }
    return { ...runner, dependencies: Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1))) }
  })
  console.log("Now run `npx -y pnpm@12 install`, which links it.")
}
