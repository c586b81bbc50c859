/** Listens at the binding while a step runs once, and writes what it does as nodes of a graph. */
import type { TensorInfo } from "@tensorflow/tfjs-core"
import { StepInvalid } from "../recorded/step.ts"
import { attribute, type Attribute, type Binding, type Handle, type TensorFlowBackend, typeNumber } from "./binding.ts"
import type { Graph, Reference } from "./graph.ts"

const bytesOf = (values: ArrayBufferView) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
const typeAttribute = (name: string, dtype: number): Attribute => ({ name, type: 4, value: dtype })
const numbers = new Set<number>(Object.values(typeNumber))

type Known = Pick<Handle, "shape" | "dtype">

/** A variable of the session. */
export interface Variable {
  readonly handle: Reference
  /** Its value when the step begins. */
  readonly read: Reference
  readonly dtype: number
}

/** The recorder of the step that is being recorded, if any: kernels that can change a variable in place ask it. */
let current: Recorder | undefined
export const recorder = (): Recorder | undefined => current

export class Recorder {
  readonly #backend: TensorFlowBackend
  readonly #binding: Binding
  readonly #graph: Graph
  readonly #step: string
  /** What each tensor of the addon is in the graph. */
  readonly #references = new Map<number, Reference>()
  /** Constants are written when they are first used. */
  readonly #constants = new Map<number, () => Reference>()
  /** Variables by the references of their values: at the start, and after each operation that changes them in place. */
  readonly #values = new Map<Reference, { readonly variable: Variable; readonly by?: Reference }>()
  /** What a variable's value is by now, by its handle. */
  readonly #latest = new Map<Reference, Reference>()
  /** Shapes and types of what goes into operations. */
  readonly #seen = new Map<number, Known>()

  constructor(backend: TensorFlowBackend, graph: Graph, step: string) {
    this.#backend = backend
    this.#binding = backend.binding
    this.#graph = graph
    this.#step = step
  }

  /** A tensor that is given at each run. */
  input(tensor: TensorInfo, name: string): void {
    const { dtype } = this.#known(tensor)
    this.#references.set(this.#id(tensor), this.#graph.node("Placeholder", [], [typeAttribute("dtype", dtype)], name))
  }

  /** A tensor that the session keeps. */
  variable(tensor: TensorInfo, name: string): Variable {
    const variable = this.#declared(tensor, name)
    const { handle, read } = variable
    this.#references.set(this.#id(tensor), read)
    this.#values.set(read, { variable })
    this.#latest.set(handle, read)
    return variable
  }

  /** A variable that starts from this value in every run. */
  temporary(tensor: TensorInfo): Variable {
    return this.#declared(tensor, `temporary${this.#graph.size}`, this.reference(tensor))
  }

  /** A variable like a tensor, read when it has been given the value, if there is one. */
  #declared(tensor: TensorInfo, name: string, value?: Reference): Variable {
    const { dtype } = this.#known(tensor)
    const type = typeAttribute("dtype", dtype)
    const shape = attribute.shape("shape", tensor.shape)
    const handle = this.#graph.node("VarHandleOp", [], [type, shape, attribute.string("shared_name", name)])
    const given = value === undefined ? [] : [`^${this.#graph.node("AssignVariableOp", [handle, value], [type])}`]
    return { handle, read: this.#graph.node("ReadVariableOp", [handle, ...given], [type]), dtype }
  }

  /** Runs the step with our ears at the binding. */
  listen<A>(f: () => A): A {
    const backend = this.#backend
    const known = this.#seen
    const { getInputTensorIds } = backend
    backend.getInputTensorIds = (tensors) => {
      const ids = getInputTensorIds.call(backend, tensors)
      for (const [i, { dataId }] of tensors.entries())
        if (dataId !== undefined) known.set(ids[i]!, backend.tensorMap.get(dataId))
      return ids
    }
    backend.binding = this.#wrapped()
    // oxlint-disable-next-line typescript/no-this-alias -- kernels ask who listens
    current = this
    try {
      return f()
    } finally {
      current = undefined
      backend.binding = this.#binding
      backend.getInputTensorIds = getInputTensorIds
    }
  }

  /** Runs what has been written already, or is written otherwise. */
  unheard<A>(f: () => A): A {
    const { binding } = this.#backend
    this.#backend.binding = this.#binding
    try {
      return f()
    } finally {
      this.#backend.binding = binding
    }
  }

  /** What a tensor is in the graph. A tensor from outside is a constant. */
  reference(tensor: TensorInfo): Reference {
    const id = this.#id(tensor)
    this.#seen.set(id, this.#known(tensor))
    return this.#reference(id)
  }

  /** The variable whose value this tensor is, if nothing has changed it since. */
  variableOf(tensor: TensorInfo): Variable | undefined {
    const value = this.reference(tensor)
    const { variable } = this.#values.get(value) ?? {}
    return variable !== undefined && this.#latest.get(variable.handle) === value
      ? { ...variable, read: value }
      : undefined
  }

  /** A scalar constant of float32, from its bytes. */
  constant(content: Uint8Array): Reference {
    return this.#graph.constant([], typeNumber.float32, content)
  }

  /**
   * An operation that changes variables in place; `results` are tensors of the values after it. `factor` multiplies the first variable
   * before.
   */
  change(
    operation: string,
    variables: ReadonlyArray<Variable>,
    inputs: ReadonlyArray<Reference>,
    attributes: ReadonlyArray<Attribute>,
    results: ReadonlyArray<TensorInfo>,
    factor?: TensorInfo,
  ): void {
    const graph = this.#graph
    const after = variables.map(({ read }) => `^${read}`)
    if (factor !== undefined) after.push(`^${this.#multiply(variables[0]!, this.reference(factor))}`)
    const by = graph.node(operation, [...variables.map((v) => v.handle), ...inputs, ...after], attributes)
    for (const [i, variable] of variables.entries()) {
      const value = graph.node("ReadVariableOp", [variable.handle, `^${by}`], [typeAttribute("dtype", variable.dtype)])
      this.#references.set(this.#id(results[i]!), value)
      this.#values.set(value, { variable, by })
      this.#latest.set(variable.handle, value)
    }
  }

  #multiply({ handle, read, dtype }: Variable, factor: Reference): Reference {
    const product = this.#graph.node("Mul", [read, factor], [typeAttribute("T", dtype)])
    return this.#graph.node("AssignVariableOp", [handle, product], [typeAttribute("dtype", dtype)])
  }

  /** Writes what makes a tensor the variable's value, and gives the nodes that do. */
  assign(variable: Variable, tensor: TensorInfo): ReadonlyArray<Reference> {
    const value = this.reference(tensor)
    const { handle, dtype } = variable
    const latest = this.#latest.get(handle)!
    if (value !== latest)
      return [this.#graph.node("AssignVariableOp", [handle, value, `^${latest}`], [typeAttribute("dtype", dtype)])]
    const { by } = this.#values.get(value)!
    return by === undefined ? [] : [by]
  }

  #id(tensor: TensorInfo): number {
    return this.#backend.getInputTensorIds([tensor])[0]!
  }

  #known(tensor: TensorInfo): Known {
    return this.#backend.tensorMap.get(tensor.dataId)
  }

  #reference(id: number): Reference {
    const written = this.#references.get(id) ?? this.#constants.get(id)?.()
    if (written !== undefined) return written
    const { shape, dtype } = this.#seen.get(id)!
    const reference = this.#graph.constant(shape, dtype, bytesOf(this.#binding.tensorDataSync(id)))
    this.#references.set(id, reference)
    return reference
  }

  #wrapped(): Binding {
    const binding = this.#binding
    const graph = this.#graph
    const own = Object.getOwnPropertyNames(binding) as unknown as ReadonlyArray<keyof Binding>
    const all = Object.fromEntries(own.map((name) => [name, binding[name]])) // they aren't enumerable
    return {
      ...(all as unknown as Binding),
      executeOp: (
        name: string,
        attributes: ReadonlyArray<Attribute>,
        inputs: ReadonlyArray<number>,
        outputs: number,
      ) => {
        const references = inputs.map((id) => this.#reference(id))
        const made: ReadonlyArray<Handle> = binding.executeOp(name, attributes, inputs, outputs)
        const node = graph.node(name, references, attributes)
        for (const [i, { id }] of made.entries()) this.#references.set(id, i === 0 ? node : `${node}:${i}`)
        return made
      },
      createTensor: (shape: ReadonlyArray<number>, dtype: number, values: ArrayBufferView) => {
        if (!numbers.has(dtype))
          throw new StepInvalid({
            step: this.#step,
            problem: `has a tensor of TensorFlow's type ${dtype}`,
            hint: "steps compute with float32, int32, bool and complex64",
          })
        const id = binding.createTensor(shape, dtype, values as Float32Array)
        const content = bytesOf(values).slice()
        this.#constants.set(id, () => {
          const reference = graph.constant(shape, dtype, content)
          this.#references.set(id, reference)
          return reference
        })
        return id
      },
      tensorDataSync: () => {
        throw new StepInvalid({
          step: this.#step,
          problem: "has an operation that reads values",
          hint: "compute with tensors, or make what depends on the values an input of the step",
        })
      },
    }
  }
}
