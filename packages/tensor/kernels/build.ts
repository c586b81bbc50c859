/**
 * Compiles the kernels: `node kernels/build.ts` writes the modules and the types of what they export; with `--check` it compares them
 * with what is there.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { main } from "assemblyscript/asc"

const folder = import.meta.dirname
const types = join(folder, "../src/wasm/exports.ts")
// The heap is shared between threads, and at most 4 GiB.
const flags =
  "--runtime=stub --importMemory --noExportMemory --noAssert -O3 --converge --enable=simd --enable=threads --sharedMemory --maximumMemory=65536".split(
    " ",
  )
/** Without relaxed SIMD products are rounded before they are added. */
const modules = { relaxed: ["--enable=relaxed-simd"], plain: [] } as const

/** Compiles to `module.wasm`, `.wat` and `.d.ts` in a folder. */
const compile = async (module: keyof typeof modules, to: string): Promise<void> => {
  const out = join(to, module)
  const { error } = await main([
    relative(process.cwd(), join(folder, "assembly/index.ts")),
    `--outFile=${out}.wasm`,
    `--textFile=${out}.wat`,
    "--bindings=raw",
    ...flags,
    ...modules[module],
  ])
  if (error !== null) throw new Error(`${module}: ${error.message}`)
  // At 1024 and above are the library's own constants.
  if (/\(data\b/.test(readFileSync(`${out}.wat`, "utf8")))
    throw new Error(`${module} has static data, which would lie on that of the library: write constants in the code`)
}

/** The types of the exports, from the declarations of the compiler. */
const declared = (text: string): string => {
  const functions = [...text.matchAll(/export function (\w+)\((.*)\): (\w+);/g)]
  const lines = functions.map(([, name, takes, gives]) => `  readonly ${name}: (${takes}) => ${gives}`)
  return `/** What the compiled kernels export. Written by \`kernels/build.ts\`; addresses and strides are bytes. */\nexport interface Exports {\n${lines.join("\n")}\n}\n`
}

const scratch = mkdtempSync(join(tmpdir(), "relent kernels "))
const built: Array<readonly [file: string, content: Uint8Array]> = []
for (const module of ["relaxed", "plain"] as const) {
  await compile(module, scratch)
  built.push([join(folder, `${module}.wasm`), readFileSync(join(scratch, `${module}.wasm`))])
}
built.push([types, Buffer.from(declared(readFileSync(join(scratch, "relaxed.d.ts"), "utf8")))])
rmSync(scratch, { recursive: true })

for (const [file, content] of built)
  if (!process.argv.includes("--check")) writeFileSync(file, content)
  else if (!readFileSync(file).equals(content)) {
    console.error(`${relative(process.cwd(), file)} isn't what its sources make: run 'pnpm kernels', and commit it`)
    process.exitCode = 1
  }
