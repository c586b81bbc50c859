/** TensorFlow.js's wasm backend as it is, in the clothes of a backend; gradients that it lacks are made of its operations. */
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { Backend } from "@relent/tensor"
import { Effect, Layer } from "effect"
import { registerComposed } from "../../../../packages/tensor/src/composed/index.ts"
import { registerGradients } from "../../../../packages/tensor/src/gradients.ts"

export const stock = Layer.effect(
  Backend,
  Effect.promise(async () => {
    const tf = await import("@tensorflow/tfjs-core")
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm")
    const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json"))
    setWasmPaths(join(folder, "dist/"))
    tf.enableProdMode()
    await registerGradients()
    await tf.setBackend("wasm")
    registerComposed("wasm")
    const version = tf.version_core
    return {
      name: "wasm" as const,
      version,
      libraries: [],
      device: "CPU",
      threads: 1,
      records: false,
      missing: [],
      need: () => Effect.void,
      numerics: `wasm tfjs-${version} threads=1`,
      run: (computation) => computation,
    }
  }),
)
