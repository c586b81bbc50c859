/** Where `relent backend add tensorflow` puts the library, and what it leaves there. */
import { existsSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { addonDigest } from "./native.ts"

/** What an installation says of itself, in `installed.json`: written last, so a folder without it is no installation. */
export interface Installation {
  /** Of TensorFlow, e.g. `2.21.0`. */
  readonly tensorflow: string
  /** Of the JavaScript and the addon's source, e.g. `4.22.0`. */
  readonly tfjs: string
  /** `linux-x64` */
  readonly platform: string
  readonly cuda: boolean
  /** Loaded before TensorFlow, in this order, by their paths in the folder: NVIDIA's, if there are any. */
  readonly libraries: ReadonlyArray<string>
  /** SHA-256 of the source of `addon.node`. */
  readonly addon: string
  /** SHA-256 of every installed file, by its path in the folder. */
  readonly files: { readonly [path: string]: string }
}

/** Relent's cache of this user: `$RELENT_CACHE`, or the place that the system has for such folders. */
export const cacheFolder = (): string => {
  const { RELENT_CACHE, XDG_CACHE_HOME } = process.env
  if (RELENT_CACHE !== undefined && RELENT_CACHE !== "") return RELENT_CACHE
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "relent")
}

/**
 * Holds `installed.json`, `addon.node` (what Node loads), `addon.so` (TensorFlow.js's addon), `libraries.txt` (what is loaded before it),
 * `tfjs/` (the npm package), `tensorflow/` (the library), `nvidia/` (with CUDA).
 */
export const tensorflowFolder = (): string => join(cacheFolder(), "backends", "tensorflow")

const read = (file: string): Installation | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Installation
  } catch {
    return undefined // damaged: as good as none
  }
}

/** The installation of this machine, if there is one. */
export const installation = (): Installation | undefined => {
  const file = join(tensorflowFolder(), "installed.json")
  const found = existsSync(file) ? read(file) : undefined
  return found?.platform === `${process.platform}-${process.arch}` ? found : undefined
}

/** Whether its addon is what this version of relent builds: another's isn't opened, and is replaced by `add`. */
export const isCurrent = ({ addon }: Installation): boolean => addon === addonDigest()
