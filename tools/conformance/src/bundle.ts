/** tfjs-core's tests as one file: they are modules whose imports lack the ending that Node wants. */
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { build } from "esbuild"

const { resolve } = createRequire(import.meta.url)

/** In this order: the methods of tensors, the backend that the tests run on, the tests. */
const entry = `
  require("@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops")
  require("@tensorflow/tfjs-core/dist/jasmine_util").setTestEnvs([globalThis.testedBackend])
  require("@tensorflow/tfjs-core/dist/tests")
`

/** Writes the bundle. It finds the engine, the kernels and the class of tensors that are global in its process. */
export const bundleTests = async (file: string): Promise<void> => {
  await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname },
    outfile: file,
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    ignoreAnnotations: true, // the tests are "without side effects"
    alias: { "jasmine-core": dirname(resolve("jasmine-core/package.json")) }, // not among the library's dependencies
    logLevel: "error",
  })
}
