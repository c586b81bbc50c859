/** The self-test: a matrix product whose numbers are known. */

/** What the addon offers, as far as the test calls it. */
export interface Addon {
  readonly TF_Version: string
  readonly TF_FLOAT: number
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_TYPE: number
  readonly createTensor: (shape: ReadonlyArray<number>, dtype: number, values: Float32Array) => number
  readonly deleteTensor: (id: number) => void
  readonly tensorDataSync: (id: number) => ArrayLike<number>
  readonly executeOp: (
    name: string,
    attributes: ReadonlyArray<{ readonly name: string; readonly type: number; readonly value: unknown }>,
    inputs: ReadonlyArray<number>,
    outputs: number,
  ) => ReadonlyArray<{ readonly id: number; readonly shape: ReadonlyArray<number> }>
}

const [left, right, product] = [
  [1, 2, 3, 4, 5, 6],
  [7, -8, 9, 10, 11.5, 12],
  [59.5, 48, 142, 90],
]

/** What is wrong with `[2, 3] x [3, 2]`; undefined if it is right to the last bit, and of the wanted version. */
export const wrongWith = (addon: Addon, version: string): string | undefined => {
  if (addon.TF_Version !== version) return `it is TensorFlow ${addon.TF_Version}, not ${version}`
  const a = addon.createTensor([2, 3], addon.TF_FLOAT, Float32Array.from(left))
  const b = addon.createTensor([3, 2], addon.TF_FLOAT, Float32Array.from(right))
  const attributes = [
    ...["transpose_a", "transpose_b"].map((name) => ({ name, type: addon.TF_ATTR_BOOL, value: false })),
    { name: "T", type: addon.TF_ATTR_TYPE, value: addon.TF_FLOAT },
  ]
  const [c] = addon.executeOp("MatMul", attributes, [a, b], 1)
  const found = Array.from(addon.tensorDataSync(c!.id))
  for (const id of [a, b, c!.id]) addon.deleteTensor(id)
  const [is, should] = [`[${c!.shape.join(", ")}]: ${found.join(", ")}`, `[2, 2]: ${product.join(", ")}`]
  return is === should ? undefined : `a matrix product is ${is} instead of ${should}`
}
