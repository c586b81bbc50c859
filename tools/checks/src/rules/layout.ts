/** Inside a plugin: an index, a stage a file named after it, `pipelines/`, `suites/`, `test/`. */
import { problemAt, problemIn, type Problem, type Rule } from "../rule.ts"
import { argumentsOf, nameOf, stringOf } from "../syntax.ts"
import type { Project, Source, Workspace } from "../workspace.ts"

const places = [
  /^(?:package\.json|README\.md|tsconfig(?:\.build)?\.json|vitest\.config\.ts)$/,
  /^src\/.+\.ts$/,
  /^pipelines\/.+\.(?:ya?ml|json|ts|csv|arrow|parquet)$/,
  /^suites\/.+\.ya?ml$/,
  /^test\/.+$/,
]
const required = ["tsconfig.json", "tsconfig.build.json", "src/index.ts"]

const stagesOf = (source: Source) =>
  source.syntax.nodes.flatMap((node) => {
    if (node.type !== "CallExpression" || nameOf(node["callee"]) !== "Stage.make") return []
    return [{ id: stringOf(argumentsOf(node)[0]) ?? "?", at: node.start }]
  })

function* stages({ files }: Workspace, { folder, root, src, sources }: Project): Iterable<Problem> {
  const index = src.find(({ path }) => path === `${root}/src/index.ts`)
  for (const source of src) {
    const all = stagesOf(source)
    for (const { id, at } of all) {
      const name = id.slice(id.indexOf("/") + 1)
      if (id !== `${folder}/${name}`)
        yield problemAt(source, at, `a stage of this plugin is named '${folder}/...', not '${id}'`)
      if (source.path !== `${root}/src/${name}.ts`)
        yield problemAt(source, at, `stage '${id}' belongs in ${root}/src/${name}.ts: one stage a file`)
      if (index && !index.text.includes(`import("./${name}.ts")`))
        yield problemAt(index, 0, `stage '${id}' isn't in the index`)
    }
    if (all.length === 0) continue
    if (!sources.some(({ path }) => path.startsWith(`${root}/test/`) && path.endsWith(".test.ts")))
      yield problemAt(source, all[0]!.at, `there is no ${root}/test/*.test.ts`)
    if (!files.has(`${root}/README.md`)) yield problemAt(source, all[0]!.at, `there is no ${root}/README.md`)
  }
}

function* paths({ files }: Workspace, { folder, root, manifest }: Project): Iterable<Problem> {
  const own = [...files.keys()].filter((path) => path.startsWith(`${root}/`)).map((path) => path.slice(root.length + 1))
  for (const path of own)
    if (!places.some((place) => place.test(path)))
      yield {
        path: `${root}/${path}`,
        line: 1,
        message: "a plugin has src/, pipelines/, suites/, test/ and no other place",
      }
  for (const path of required)
    if (!own.includes(path)) yield { path: `${root}/package.json`, line: 1, message: `there is no ${root}/${path}` }
  if (manifest.name !== `@relent/${folder}`)
    yield { path: `${root}/package.json`, line: 1, message: `its name is @relent/${folder}` }
}

export const layout: Rule = {
  name: "layout",
  *check(workspace) {
    for (const project of workspace.projects.filter(({ kind }) => kind === "plugins")) {
      yield* paths(workspace, project)
      yield* stages(workspace, project)
      const index = `${project.root}/src/index.ts`
      for (const path of workspace.files.keys()) {
        if (!path.startsWith(`${project.root}/suites/`)) continue
        const suite = path.slice(project.root.length + 1)
        if (!workspace.files.get(index)?.includes(`"${suite}"`))
          yield problemIn(workspace, index, "suites", `'${suite}' isn't in the index`)
      }
    }
  },
}
