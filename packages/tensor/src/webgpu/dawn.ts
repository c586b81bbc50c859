/** Where Dawn, the WebGPU implementation for Node, is found: an npm package that relent doesn't bring along. */
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { cacheFolder } from "../tensorflow/installation.ts"
import type { Dawn } from "./gpu.ts"

/** The version that is tested. */
export const dawnVersion = "0.6.2"

/** An npm project of its own, for an installation of relent that belongs to no project. */
export const webgpuFolder = (): string => join(cacheFolder(), "backends", "webgpu")

export interface DawnPackage {
  readonly version: string
  /** The package's own folder. */
  readonly folder: string
}

const packageIn = (folder: string): DawnPackage | undefined => {
  const file = join(folder, "package.json")
  if (!existsSync(file)) return undefined
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }
  return { version, folder }
}

const beside = (): string | undefined => {
  try {
    return dirname(createRequire(import.meta.url).resolve("webgpu"))
  } catch {
    return undefined
  }
}

/** The package beside `@relent/tensor`, else the one in relent's cache folder. */
export const dawnPackage = (): DawnPackage | undefined => {
  const found = beside()
  return (
    (found === undefined ? undefined : packageIn(found)) ?? packageIn(join(webgpuFolder(), "node_modules", "webgpu"))
  )
}

export const loadDawn = (found: DawnPackage): Promise<Dawn> =>
  import(pathToFileURL(join(found.folder, "index.js")).href) as Promise<Dawn>
