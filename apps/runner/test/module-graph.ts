/** What Node itself loads with a module, in the names of a code digest. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import type { imports } from "./traps.ts"

interface Package {
  readonly root: string
  readonly name: string
  readonly version: string
}

const packages = new Map<string, Package>()
const packageOf = (folder: string): Package => {
  const known = packages.get(folder)
  if (known !== undefined) return known
  const path = join(folder, "package.json")
  const { name, version } = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Partial<Package>) : {}
  // Folders of a package may say in one what kind of modules they hold, and no more.
  const isRoot = name !== undefined && version !== undefined
  const found = isRoot ? { root: folder, name, version } : packageOf(dirname(folder))
  packages.set(folder, found)
  return found
}

/** Files of the workspace by package and path, other packages by name and version; `graph` has what each module imports. */
export const loadedWith = (module: string, graph: typeof imports): ReadonlySet<string> => {
  const names = new Set<string>()
  const seen = new Set<string>()
  const open = [module]
  for (let url = open.pop(); url !== undefined; url = open.pop()) {
    if (seen.has(url) || !url.startsWith("file:")) continue
    seen.add(url)
    const path = fileURLToPath(url)
    const { root, name, version } = packageOf(dirname(path))
    const isInstalled = path.includes(`${sep}node_modules${sep}`)
    names.add(isInstalled ? `${name}@${version}` : join(name, relative(root, path)))
    if (!isInstalled) open.push(...(graph.get(url) ?? []))
  }
  return names
}
