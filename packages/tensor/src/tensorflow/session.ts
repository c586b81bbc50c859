/** A recorded step, loaded: its state lives in the session's variables. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Parameters } from "@relent/arrow"
import { type Step, checkState } from "../recorded/step.ts"
import { withoutReading } from "../recorded/reading.ts"
import { type Tensor, tf } from "../tf.ts"
import { toDevice, type Tree } from "../tree.ts"
import { attribute, type Handle, type TensorFlowBackend, typeNumber, type Values } from "./binding.ts"
import { Graph, type Reference } from "./graph.ts"
import { Recorder } from "./recorder.ts"

export interface Session {
  /** Runs the step. */
  readonly run: (inputs: Parameters) => Tree
  /** Puts a state in; the tensors stay the caller's. */
  readonly write: (state: Tree) => void
  /** The state as tensors, the caller's. */
  readonly read: () => Tree
  readonly close: () => void
}

const named = (prefix: string, paths: ReadonlyArray<string>) => new Map(paths.map((path, i) => [path, `${prefix}${i}`]))
const outputs = (references: Iterable<Reference>) =>
  Array.from(references, (name) => (name.includes(":") ? name : `${name}:0`)).join(",")

/** Runs the step once, operation by operation, and loads what it did as a graph. */
export const record = (name: string, step: Step, state: Tree, given: Parameters): Session => {
  const backend = tf.backend() as TensorFlowBackend
  const { binding } = backend
  const graph = new Graph()
  const recorder = new Recorder(backend, graph, name)
  const [paths, inputNames] = [Object.keys(state), named("input", Object.keys(given))]
  const fetched = new Map<string, Reference>()
  const variables = paths.map((path, i) => ({ path, ...recorder.variable(state[path]!, `state${i}`) }))
  tf.tidy(() => {
    const inputs = toDevice(given)
    for (const [path, node] of inputNames) recorder.input(inputs[path]!, node)
    recorder.listen(() => {
      const result = withoutReading(name, () => step(state, inputs))
      checkState(name, state, result.state)
      const done = variables.flatMap((variable) => recorder.assign(variable, result.state[variable.path]!))
      const last = done.map((node): Reference => `^${node}`)
      for (const [path, tensor] of Object.entries(result.outputs))
        fetched.set(
          path,
          graph.node("Identity", [recorder.reference(tensor), ...last], [attribute.type("T", tensor.dtype)]),
        )
      fetched.set("", graph.node("Identity", [recorder.reference(tf.scalar(0)), ...last], [attribute.type("T")]))
    })
  })
  const setters = variables.map(({ handle, dtype }, i) => {
    const type = { name: "dtype", type: 4, value: dtype }
    return graph.node("AssignVariableOp", [handle, graph.node("Placeholder", [], [type], `set${i}`)], [type])
  })
  const zero = graph.constant([], typeNumber.float32, new Uint8Array(4))
  const set = graph.node("Identity", [zero, ...setters.map((node) => `^${node}`)], [attribute.type("T")])
  const model = load(backend, graph)

  const feedNames = outputs(inputNames.values())
  const [fetchNames, fetchPaths] = [outputs(fetched.values()), [...fetched.keys()]]
  const setNames = outputs(variables.map((_, i) => `set${i}`))
  const readNames = outputs(variables.map(({ read }) => read))
  const tensorOf = (handle: Handle) => backend.createOutputTensor(handle) as Tensor
  return {
    run: (values) => {
      const ids = [...inputNames.keys()].map((path) => {
        const { shape, dtype, values: content } = values[path]!
        return binding.createTensor(shape, typeNumber[dtype as "float32"], content as Values)
      })
      try {
        const made = binding.runSavedModel(model, ids, feedNames, fetchNames)
        binding.deleteTensor(made.at(-1)!.id)
        return Object.fromEntries(made.slice(0, -1).map((handle, i) => [fetchPaths[i]!, tensorOf(handle)]))
      } finally {
        for (const id of ids) binding.deleteTensor(id)
      }
    },
    write: (values) => {
      const ids = backend.getInputTensorIds(variables.map(({ path }) => values[path]!))
      binding.deleteTensor(binding.runSavedModel(model, ids, setNames, `${set}:0`)[0]!.id)
    },
    read: () => {
      const made = paths.length === 0 ? [] : binding.runSavedModel(model, [], "", readNames)
      return Object.fromEntries(made.map((handle, i) => [paths[i]!, tensorOf(handle)]))
    },
    close: () => binding.deleteSavedModel(model),
  }
}

/** The C API loads a graph from a folder. */
const load = ({ binding }: TensorFlowBackend, graph: Graph): number => {
  const folder = mkdtempSync(join(tmpdir(), "relent-graph-"))
  try {
    writeFileSync(join(folder, "saved_model.pb"), graph.savedModel())
    return binding.loadSavedModel(`${folder}/`, "serve")
  } finally {
    rmSync(folder, { recursive: true })
  }
}
