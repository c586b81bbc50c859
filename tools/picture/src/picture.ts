/** Runs the demo on a terminal of 100 columns and writes its last screen to docs/demo.svg. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { screenOf } from "./screen.ts"
import { svgOf } from "./svg.ts"

const root = join(import.meta.dirname, "../../..")
const columns = 100
const command = join(root, "apps/runner/bin/relent.js")
const demo = join(root, "plugins/distillation/pipelines/quick.yaml")
// With a store of its own, so that everything is computed.
const folder = mkdtempSync(join(tmpdir(), "relent-picture-"))

// util-linux's script gives the command a terminal of its own.
const output = execFileSync(
  "script",
  ["-qec", `stty cols ${columns} rows 200; exec "${process.execPath}" "${command}" run "${demo}"`, "/dev/null"],
  { cwd: folder, encoding: "utf8", env: { ...process.env, TERM: "xterm-256color", NO_COLOR: "" }, maxBuffer: 1 << 26 },
)
const prompt = [
  { text: "$ ", style: "green" as const },
  { text: "npx -y pnpm@12 demo", style: "bold" as const },
]
rmSync(folder, { recursive: true })
writeFileSync(join(root, "docs/demo.svg"), svgOf([prompt, ...screenOf(output)], columns))
