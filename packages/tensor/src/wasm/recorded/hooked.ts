/** Methods of the backend, replaced for a while. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"

/** Runs `f` with other methods. Those of the class are put back, and not only uncovered: to delete a property makes an object slow. */
export const hooked = <A>(backend: BackendWasm, methods: Partial<BackendWasm>, f: () => A): A => {
  const prototype = Object.getPrototypeOf(backend) as BackendWasm
  Object.assign(backend, methods)
  try {
    return f()
  } finally {
    for (const name of Object.keys(methods) as ReadonlyArray<keyof BackendWasm>)
      Object.assign(backend, { [name]: prototype[name] })
  }
}
