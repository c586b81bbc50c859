/**
 * Which backend `auto` takes. `webgpu` isn't among them: a card runs a small model's many short operations slower than
 * a processor does, and whether there is a card is only known by opening it. It is chosen by name.
 */
import type { BackendName } from "./backend.ts"
import { installation, isCurrent } from "./tensorflow/installation.ts"

/** The best backend of this machine, and why. */
export const chooseBackend = (): { readonly name: BackendName; readonly why: string } => {
  const found = installation()
  const wasm = (why: string) => ({ name: "wasm", why }) as const
  if (found === undefined)
    return wasm("TensorFlow isn't installed: 'relent backend add tensorflow' makes training several times faster")
  if (!isCurrent(found))
    return wasm("TensorFlow was installed by another version of relent: 'relent backend add tensorflow' replaces it")
  return { name: "tensorflow", why: `TensorFlow ${found.tensorflow} is installed${found.cuda ? ", for CUDA" : ""}` }
}
