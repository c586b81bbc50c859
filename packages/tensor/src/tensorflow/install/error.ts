/** Why a backend can't be installed: what was wrong, where, and what to do. */
import { Data } from "effect"

/** A size as people read it. */
export const size = (bytes: number): string => {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** There is no library for this system. */
export class PlatformUnsupported extends Data.TaggedError("PlatformUnsupported")<{
  /** `darwin-arm64` */
  readonly platform: string
  readonly supported: string
}> {
  override get message() {
    return `the backend 'tensorflow' is there for ${this.supported}; this is ${this.platform}`
  }
  get hint() {
    return "the backends 'wasm' and 'cpu' work everywhere"
  }
}

/** A program that building needs. */
export interface MissingTool {
  readonly tool: string
  readonly reason: string
  /** What to install. */
  readonly mend: string
}

/** Programs that building needs are missing, or don't run. */
export class ToolsMissing extends Data.TaggedError("ToolsMissing")<{ readonly missing: ReadonlyArray<MissingTool> }> {
  override get message() {
    return `to build the backend: ${this.missing.map(({ tool, reason }) => `${tool} (${reason})`).join(", ")}`
  }
  get hint() {
    return `install ${[...new Set(this.missing.map(({ mend }) => mend))].join("; and ")}`
  }
}

/** The disk has no room for what is downloaded and unpacked. */
export class DiskTooSmall extends Data.TaggedError("DiskTooSmall")<{
  readonly folder: string
  /** In bytes. */
  readonly needed: number
  readonly free: number
}> {
  override get message() {
    return `${this.folder}: ${size(this.needed)} are needed here while installing, and ${size(this.free)} are free`
  }
  get hint() {
    return "make room, or set RELENT_CACHE to a folder on another disk"
  }
}

/** The cache folder can't be written. */
export class CacheUnusable extends Data.TaggedError("CacheUnusable")<{
  readonly path: string
  readonly reason: string
}> {
  static readonly of = (path: string, cause: unknown): CacheUnusable =>
    new CacheUnusable({ path, reason: cause instanceof Error ? cause.message : JSON.stringify(cause) })
  override get message() {
    return `${this.path}: can't be written: ${this.reason}`
  }
  get hint() {
    return "set RELENT_CACHE to a folder that you may write to"
  }
}

/** The registry didn't give a file. */
export class DownloadFailed extends Data.TaggedError("DownloadFailed")<{
  /** `tensorflow-cpu 2.21.0` */
  readonly what: string
  /** `npm` or `pip` */
  readonly client: string
  /** What the client said last. */
  readonly said: string
}> {
  override get message() {
    return `${this.what} couldn't be downloaded by ${this.client}: ${this.said}`
  }
  get hint() {
    return `is there a network, and does ${this.client} know its way (proxy, registry)? What is complete is kept: the same command goes on`
  }
}

/** A file came with other bytes than it should have. */
export class DownloadDamaged extends Data.TaggedError("DownloadDamaged")<{
  readonly what: string
  /** SHA-256. */
  readonly expected: string
  readonly found: string
}> {
  override get message() {
    return `${this.what} came with other bytes than it should have: SHA-256 ${this.found}, not ${this.expected}`
  }
  get hint() {
    return "it was removed; try again, and if it comes again, the registry or a proxy gives another file: don't use it"
  }
}

/** An archive couldn't be unpacked. */
export class UnpackFailed extends Data.TaggedError("UnpackFailed")<{ readonly what: string; readonly said: string }> {
  override get message() {
    return `${this.what} couldn't be unpacked: ${this.said}`
  }
  get hint() {
    return "is there room on the disk? The same command tries again"
  }
}

/** The compiler gave up. */
export class BuildFailed extends Data.TaggedError("BuildFailed")<{
  readonly what: string
  readonly compiler: string
  readonly said: string
}> {
  override get message() {
    return `${this.what}: ${this.compiler} couldn't build it: ${this.said}`
  }
  get hint() {
    return "it wants a compiler for C++17 (GCC 8, Clang 7 or newer); CXX names another"
  }
}

/** What was built doesn't work, so it wasn't installed. */
export class SelfTestFailed extends Data.TaggedError("SelfTestFailed")<{ readonly said: string }> {
  override get message() {
    return `the backend was built but fails its self-test, so it isn't installed: ${this.said}`
  }
  get hint() {
    return "what was downloaded is kept; please report this with the line above"
  }
}

/** A backend that is to be removed isn't there. */
export class NotInstalled extends Data.TaggedError("NotInstalled")<{ readonly folder: string }> {
  override get message() {
    return `the backend 'tensorflow' isn't installed: there is no ${this.folder}`
  }
  get hint() {
    return "relent backend add tensorflow installs it"
  }
}

export type InstallError =
  | PlatformUnsupported
  | ToolsMissing
  | DiskTooSmall
  | CacheUnusable
  | DownloadFailed
  | DownloadDamaged
  | UnpackFailed
  | BuildFailed
  | SelfTestFailed
