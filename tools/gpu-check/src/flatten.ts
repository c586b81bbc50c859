/** The packages that something needs, as one `node_modules` that works without the workspace's links. */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs"
import { dirname, join, relative } from "node:path"

interface Manifest {
  readonly name: string
  readonly dependencies?: { readonly [name: string]: string }
  readonly optionalDependencies?: { readonly [name: string]: string }
}
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

/** Where a package finds another: in a `node_modules` of its own folder or of one above. */
const find = (name: string, from: string): string | undefined => {
  const here = join(from, "node_modules", name)
  if (existsSync(here)) return realpathSync(here)
  return dirname(from) === from ? undefined : find(name, dirname(from))
}

/** What is read by compilers and people only; by its path in a package. */
const isDead = (inside: string): boolean =>
  /\.(map|ts|mts|cts|md|markdown|flow|tsx|html|css|png|svg)$/.test(inside) ||
  /^\/(test|tests|docs|doc|example|examples)$/.test(inside)

/** tfjs ships each package in eight forms, of which Node loads one. */
const isOtherForm = (path: string): boolean => /\/tf-[\w-]+\.(es2017|fesm|min|es2017\.min|fesm\.min)\.js$/.test(path)

export interface Tree {
  /** The workspace; its projects keep their places. */
  readonly root: string
  readonly into: string
  /** Packages that are left out, with what only they need. */
  readonly without: ReadonlyArray<string>
}

/**
 * Copies the projects of the workspace that `first` needs with their sources, and what they need from the registry to
 * `into/node_modules`; a second version of a package goes below the one that asks for it.
 */
export const flatten = (
  { root, into, without }: Tree,
  first: string,
  keep: (path: string) => boolean = () => true,
): void => {
  const [placed, projects] = [new Map<string, string>(), new Set<string>()]
  const isProject = (folder: string) => !relative(root, folder).split("/").includes("node_modules")

  const copy = (from: string, to: string) =>
    cpSync(from, to, {
      recursive: true,
      filter: (path) => {
        const inside = path.slice(from.length)
        if (inside.includes("/node_modules") || isOtherForm(path) || !keep(path)) return false
        return isProject(from) ? !/^\/(test|dist|coverage)(\/|$)/.test(inside) : !isDead(inside)
      },
    })

  const place = (name: string, from: string, above: string): void => {
    const source = without.includes(name) ? undefined : find(name, from)
    if (source === undefined) return // left out, or an optional one
    if (isProject(source)) {
      const link = join(into, "node_modules", name)
      if (projects.has(source)) return
      projects.add(source)
      const to = join(into, relative(root, source))
      copy(source, to)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(relative(dirname(link), to), link)
      return needs(source, to)
    }
    const top = join(into, "node_modules", name)
    const to = placed.get(top) === undefined || placed.get(top) === source ? top : join(above, "node_modules", name)
    if (placed.get(to) === source) return
    placed.set(to, source)
    copy(source, to)
    needs(source, to)
  }
  const needs = (from: string, to: string): void => {
    const { dependencies, optionalDependencies } = manifestOf(from)
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) place(name, from, to)
  }

  const start = join(root, first)
  projects.add(start)
  copy(start, join(into, first))
  needs(start, join(into, first))
}
