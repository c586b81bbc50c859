/** The arrows of docs/design.md: what may import, or depend on, what. */
import { type Problem, problemAt, problemIn, type Rule } from "../rule.ts"
import type { Project, Workspace } from "../workspace.ts"

const design = "docs/design.md"
const packageOf = (specifier: string) => /^@relent\/([^/]+)/.exec(specifier)?.[1]

const isTensorFlow = (name: string) => name.startsWith("@tensorflow/")
/** A benchmark compares with the plain library. */
const mayUseTensorFlow = ({ kind, root }: Project) => kind === "tools" || root === "packages/tensor"

/** What stands below each package, from the chains written as `a, b <- c <- d` in the design. */
const orderIn = (text: string): ReadonlyMap<string, ReadonlySet<string>> => {
  const below = new Map<string, Set<string>>()
  for (const [, chain] of text.matchAll(/`([^`]*<-[^`]*)`/g)) {
    const before: Array<string> = []
    for (const step of chain!.split("<-")) {
      const names = step.split(",").map((name) => name.trim())
      for (const name of names) below.set(name, new Set([...(below.get(name) ?? []), ...before]))
      before.push(...names)
    }
  }
  return below
}

const forbidden = (from: Project, to: Project, order: ReturnType<typeof orderIn>): string | undefined => {
  if (from.kind === "tools") return undefined
  if (from.kind === "apps") return to.kind === "tools" ? "imports a tool" : undefined
  if (to.kind !== "packages") return `a ${from.kind === "plugins" ? "plugin" : "package"} never imports ${to.root}`
  if (from.kind === "plugins")
    return ["runtime", "suite", "report"].includes(to.folder) ? `a plugin never imports ${to.root}` : undefined
  return order.get(from.folder)?.has(to.folder)
    ? undefined
    : `${to.folder} doesn't stand below ${from.folder} in the chains of ${design}`
}

export const arrows: Rule = {
  name: "arrows",
  *check(workspace) {
    const order = orderIn(workspace.files.get(design) ?? "")
    for (const project of workspace.projects) {
      if (project.kind === "packages" && !order.has(project.folder))
        yield problemIn(workspace, design, "<-", `${project.root} stands in no chain`)
      yield* dependencies(workspace, project, order)
      yield* imports(workspace, project, order)
    }
  },
}

const find = (workspace: Workspace, name: string) =>
  workspace.projects.find((project) => project.manifest.name === `@relent/${name}`)

function* dependencies(workspace: Workspace, project: Project, order: ReturnType<typeof orderIn>): Iterable<Problem> {
  const { dependencies, devDependencies, peerDependencies } = project.manifest
  const path = `${project.root}/package.json`
  for (const name of Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })) {
    const to = find(workspace, packageOf(name) ?? "")
    const reason = to && forbidden(project, to, order)
    if (reason !== undefined) yield problemIn(workspace, path, `"${name}"`, reason)
    if (isTensorFlow(name) && !mayUseTensorFlow(project))
      yield problemIn(workspace, path, `"${name}"`, "only packages/tensor uses @tensorflow")
  }
}

function* imports(workspace: Workspace, project: Project, order: ReturnType<typeof orderIn>): Iterable<Problem> {
  for (const source of project.sources)
    for (const { specifier, at } of source.syntax.imports) {
      if (isTensorFlow(specifier) && !mayUseTensorFlow(project))
        yield problemAt(source, at, "only packages/tensor imports @tensorflow; use tf of @relent/tensor")
      const name = packageOf(specifier)
      const to = name === undefined ? undefined : find(workspace, name)
      const reason = to && to !== project ? forbidden(project, to, order) : undefined
      if (reason !== undefined) yield problemAt(source, at, reason)
    }
}
