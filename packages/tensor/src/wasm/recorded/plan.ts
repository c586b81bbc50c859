/** Where every tensor of a recorded step lies, and what is moved at its end. */
import { type Block, layOut } from "./arena.ts"
import { sizeInBytes } from "./bytes.ts"
import type { DataId, Info, Trace } from "./trace.ts"

export interface Tensors {
  readonly [path: string]: Info
}
export interface Traced {
  readonly trace: Trace
  readonly state: Tensors
  readonly inputs: Tensors
  readonly next: Tensors
  readonly outputs: Tensors
}
export interface Plan {
  readonly bytes: number
  /** Offsets in the arena. */
  readonly offsets: ReadonlyMap<DataId, number>
  /** Results that are written in the place of the state that they take the place of. */
  readonly inPlace: ReadonlyMap<DataId, DataId>
  /** The rest of the new state, which is copied after the last call: first what another part of the state has, to an offset. */
  readonly copies: ReadonlyArray<{ readonly from: Info; readonly to: Info; readonly by?: number }>
}

/** The number of the call that makes a tensor, and of the last that reads it. */
const lifetimes = ({ trace: { leaves, constants }, state, inputs, next, outputs }: Traced) => {
  const birth = new Map<DataId, number>()
  const death = new Map<DataId, number>()
  const sizes = new Map<DataId, number>()
  const end = leaves.length
  for (const info of Object.values(inputs)) {
    birth.set(info.dataId, -1)
    sizes.set(info.dataId, sizeInBytes(info))
  }
  for (const [i, { inputs, made }] of leaves.entries()) {
    for (const info of made) {
      birth.set(info.dataId, i)
      sizes.set(info.dataId, sizeInBytes(info))
    }
    for (const { dataId } of [...inputs, ...made]) death.set(dataId, i)
  }
  for (const { dataId } of Object.values(outputs)) death.set(dataId, end)
  for (const [path, { dataId }] of Object.entries(next)) if (dataId !== state[path]!.dataId) death.set(dataId, end)
  for (const [dataId, values] of constants) {
    birth.set(dataId, -1)
    death.set(dataId, end)
    sizes.set(dataId, values.byteLength)
  }
  return { birth, death, sizes, end }
}

export const plan = (traced: Traced): Plan => {
  const { trace, state, next } = traced
  const { birth, death, sizes, end } = lifetimes(traced)
  const inPlace = new Map<DataId, DataId>()
  const copied: Array<readonly [path: string, from: Info]> = []
  for (const [path, made] of Object.entries(next)) {
    const old = state[path]!
    if (made.dataId === old.dataId) continue
    const at = birth.get(made.dataId) ?? -1
    const last = death.get(old.dataId) ?? -1
    const leaf = trace.leaves[at]
    const which = leaf?.made.findIndex(({ dataId }) => dataId === made.dataId) ?? -1
    const within = last === at && leaf?.prepared.inPlace?.[which]?.dataId === old.dataId
    if (at >= 0 && !inPlace.has(made.dataId) && (last < at || within)) inPlace.set(made.dataId, old.dataId)
    else copied.push([path, made])
  }
  const states = new Set(Object.values(state).map(({ dataId }) => dataId))
  const blocks: Array<Block & { readonly of?: DataId }> = []
  for (const [of, from] of birth)
    if (!inPlace.has(of)) blocks.push({ of, from, to: death.get(of) ?? from, bytes: sizes.get(of)! })
  const aside = copied.filter(([, { dataId }]) => states.has(dataId))
  for (const [, info] of aside) blocks.push({ from: end, to: end, bytes: sizeInBytes(info) })
  const { offsets, bytes } = layOut(blocks)
  const firstAside = blocks.length - aside.length
  const apart = aside.map(([path, from], i) => ({ from, to: state[path]!, by: offsets[firstAside + i]! }))
  const direct = copied
    .filter(([, { dataId }]) => !states.has(dataId))
    .map(([path, from]) => ({ from, to: state[path]! }))
  return {
    bytes,
    offsets: new Map(blocks.flatMap(({ of }, i) => (of === undefined ? [] : [[of, offsets[i]!] as const]))),
    inPlace,
    copies: [...apart, ...direct],
  }
}
