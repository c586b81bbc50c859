/** The files of a repository, and the projects they belong to. */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parse, type Syntax } from "./syntax.ts"

export type Kind = "packages" | "plugins" | "apps" | "tools"

/** A TypeScript file. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly syntax: Syntax
}

export interface Manifest {
  readonly name?: string
  readonly dependencies?: { readonly [name: string]: string }
  readonly devDependencies?: { readonly [name: string]: string }
  readonly peerDependencies?: { readonly [name: string]: string }
  readonly optionalDependencies?: { readonly [name: string]: string }
}

export interface Project {
  readonly kind: Kind
  /** The name of its folder. */
  readonly folder: string
  /** `packages/arrow`. */
  readonly root: string
  readonly manifest: Manifest
  /** Its TypeScript files, in all folders. */
  readonly sources: ReadonlyArray<Source>
  /** Those below `src`. */
  readonly src: ReadonlyArray<Source>
}

export interface Workspace {
  /** Text by path; files that aren't text are empty. */
  readonly files: ReadonlyMap<string, string>
  readonly projects: ReadonlyArray<Project>
}

const text = /\.(?:ts|js|json|ya?ml|md|bib)$/

const sourceOf = (path: string, content: string): Source => {
  let syntax: Syntax | undefined
  return {
    path,
    text: content,
    get syntax() {
      return (syntax ??= parse(path, content))
    },
  }
}

export const workspaceOf = (files: ReadonlyMap<string, string>): Workspace => {
  const sources = [...files].filter(([path]) => path.endsWith(".ts")).map(([path, content]) => sourceOf(path, content))
  const projects = [...files].flatMap(([path, content]): ReadonlyArray<Project> => {
    const [, root, kind, folder] = /^((packages|plugins|apps|tools)\/([^/]+))\/package\.json$/.exec(path) ?? []
    if (root === undefined) return []
    const own = sources.filter((source) => source.path.startsWith(`${root}/`))
    return [
      {
        kind: kind as Kind,
        folder: folder!,
        root,
        manifest: JSON.parse(content) as Manifest,
        sources: own,
        src: own.filter((source) => source.path.startsWith(`${root}/src/`)),
      },
    ]
  })
  return { files, projects }
}

/** All that git tracks or would track. */
export const readWorkspace = (root: string): Workspace => {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  })
  const paths = [...new Set(listed.split("\0"))]
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .toSorted()
  return workspaceOf(
    new Map(paths.map((path) => [path, text.test(path) ? readFileSync(join(root, path), "utf8") : ""])),
  )
}
