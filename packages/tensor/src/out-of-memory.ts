/** What native libraries say when memory is full, as a typed error. */
import { OutOfTensorMemory } from "./error.ts"

const bytesOf: { readonly [dtype: string]: number } = { float: 4, int32: 4, bool: 1, double: 8, int64: 8, complex64: 8 }
/** TensorFlow's words: `OOM when allocating tensor with shape[1000,1000] and type float on ...`. */
const allocation = /OOM when allocating tensor with shape\[([\d,]*)\] and type (\w+)/

/** The typed error behind something thrown, if it is one about memory. */
export const outOfMemory = (thrown: unknown, backend: string): OutOfTensorMemory | undefined => {
  const found = allocation.exec(thrown instanceof Error ? thrown.message : String(thrown))
  if (found === null) return undefined
  const [, shape = "", type = "float"] = found
  const size = shape
    .split(",")
    .filter((n) => n !== "")
    .reduce((product, n) => product * Number(n), 1)
  return new OutOfTensorMemory({ backend, bytes: size * (bytesOf[type] ?? 4) })
}
