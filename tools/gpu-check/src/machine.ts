/** What there is to know of a machine without opening its card. */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { arch, cpus, platform, release, totalmem } from "node:os"

/** The first lines that a program prints; nothing where there is no such program. */
const said = (command: string, ...words: ReadonlyArray<string>): string | undefined => {
  const { stdout, status } = spawnSync(command, words, { encoding: "utf8", timeout: 10_000 })
  return status === 0 && stdout.trim() !== "" ? stdout.trim().split("\n").slice(0, 4).join("; ") : undefined
}

export const machine = (): { readonly [name: string]: string } => {
  const all = {
    system: `${platform()} ${release()}, ${arch()}`,
    distribution: existsSync("/etc/os-release")
      ? /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1]
      : undefined,
    processor: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    node: process.versions.node,
    "NVIDIA's driver": said("nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"),
    "Vulkan's drivers": process.env["VK_DRIVER_FILES"] ?? process.env["VK_ICD_FILENAMES"],
    libraries: process.env["LD_LIBRARY_PATH"],
  }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
