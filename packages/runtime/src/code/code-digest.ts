/** The digest of code: the bytes of a module and of all it imports in its package or workspace, and the versions of the rest. */
import { createHash } from "node:crypto"
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { builtinModules, createRequire } from "node:module"
import { dirname, join, relative, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { Data, Effect } from "effect"
import { staticImports } from "./imports.ts"

/** A module that a stage needs can't be read. */
export class CodeUnreadable extends Data.TaggedError("CodeUnreadable")<{
  readonly file: string
  readonly reason: string
}> {
  override get message() {
    return `${this.file}: ${this.reason}`
  }
}

export interface CodeDigest {
  /** SHA-256, hexadecimal. */
  readonly digest: string
  /** Digest of each file, by package and path, and of each dependency's package.json, by name and version. */
  readonly files: { readonly [file: string]: string }
}

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex")
const inModules = (file: string) => file.includes(`${sep}node_modules${sep}`)

interface Package {
  readonly root: string
  readonly name: string
  readonly version: string
}

/** Where an import leads: a file to walk, or a package to name. */
type Target = { readonly file: string } | { readonly dependency: Package; readonly digest: string }

interface Module {
  readonly digest: string
  readonly targets: ReadonlyArray<Target>
}

const readPackage = (root: string): Package => {
  const { name = "", version = "" } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Partial<Package>
  return { root, name, version }
}

/** Reads closures of modules; what was read once is kept, since a process runs the code that it loaded first. */
export class CodeReader {
  readonly #packages = new Map<string, Package | undefined>()
  readonly #modules = new Map<string, Module>()
  readonly #digests = new Map<string, CodeDigest>()

  /** The package that a file lies in. */
  #packageOf(file: string): Package | undefined {
    const folder = dirname(file)
    if (!this.#packages.has(folder)) {
      const isRoot = existsSync(join(folder, "package.json"))
      const above = dirname(folder)
      this.#packages.set(folder, isRoot ? readPackage(folder) : above === folder ? undefined : this.#packageOf(folder))
    }
    return this.#packages.get(folder)
  }

  /** The folder of an installed package, links followed, as seen from a file. */
  #installed(name: string, from: string): string | undefined {
    for (let folder = dirname(from); ; folder = dirname(folder)) {
      const found = join(folder, "node_modules", name)
      if (existsSync(join(found, "package.json"))) return realpathSync(found)
      if (dirname(folder) === folder) return undefined
    }
  }

  #read(file: string, importer: string): Module {
    const known = this.#modules.get(file)
    if (known !== undefined) return known
    let [digest, specifiers]: [string, ReadonlyArray<string>] = ["", []]
    try {
      const bytes = readFileSync(file)
      ;[digest, specifiers] = [sha256(bytes), staticImports(bytes.toString("utf8"), file)]
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CodeUnreadable({ file, reason: `can't be read as code of ${importer}: ${reason}` })
    }
    const targets = specifiers.flatMap((specifier) => this.#resolve(specifier, file) ?? [])
    const read = { digest, targets }
    this.#modules.set(file, read)
    return read
  }

  #resolve(specifier: string, from: string): Target | undefined {
    if (specifier.startsWith("node:") || builtinModules.includes(specifier)) return undefined
    if (specifier.startsWith(".") || specifier.startsWith("/"))
      return { file: realpathSync(resolve(dirname(from), specifier)) }
    if (specifier.startsWith("#")) return { file: realpathSync(createRequire(from).resolve(specifier)) }
    const name = specifier
      .split("/")
      .slice(0, specifier.startsWith("@") ? 2 : 1)
      .join("/")
    const own = this.#packageOf(from)
    const root = own?.name === name ? own.root : this.#installed(name, from)
    if (root === undefined)
      throw new CodeUnreadable({ file: from, reason: `imports '${specifier}', which isn't installed` })
    const isOwn = own?.root === root
    return inModules(root) && !isOwn
      ? { dependency: readPackage(root), digest: sha256(readFileSync(join(root, "package.json"))) }
      : { file: realpathSync(createRequire(from).resolve(specifier)) }
  }

  #closure(entry: string): CodeDigest {
    const files: Record<string, string> = {}
    const seen = new Set<string>()
    const open = [{ file: entry, importer: entry }]
    while (open.length > 0) {
      const { file, importer } = open.pop()!
      if (seen.has(file)) continue
      seen.add(file)
      const { digest, targets } = this.#read(file, importer)
      const own = this.#packageOf(file)
      files[own === undefined ? relative(dirname(entry), file) : join(own.name, relative(own.root, file))] = digest
      for (const target of targets)
        if ("file" in target) open.push({ file: target.file, importer: file })
        else files[`${target.dependency.name}@${target.dependency.version}`] ??= target.digest
    }
    const sorted = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return { digest: sha256(JSON.stringify(sorted)), files: Object.fromEntries(sorted) }
  }

  /** The digest of the code behind a module, given its `import.meta.url`. */
  readonly digest = (module: string): Effect.Effect<CodeDigest, CodeUnreadable> =>
    Effect.try({
      try: () => {
        const known = this.#digests.get(module)
        if (known !== undefined) return known
        const found = this.#closure(realpathSync(fileURLToPath(module)))
        this.#digests.set(module, found)
        return found
      },
      catch: (error) =>
        error instanceof CodeUnreadable
          ? error
          : new CodeUnreadable({ file: module, reason: error instanceof Error ? error.message : String(error) }),
    })
}

/** That of this process, for all its runs. */
export const codeReader = new CodeReader()
