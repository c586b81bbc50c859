/** A TensorFlow graph as it is written: nodes of a GraphDef, wrapped as the smallest SavedModel that the C API loads. */
import type { Attribute } from "./binding.ts"
import { bytes, type Field, float, integer, join } from "./protobuf.ts"

/** The graph format's version, TensorFlow 2.9 to 2.21: a consumer knows all versions up to its own. */
const producer = 1882

const shapeProto = (shape: ReadonlyArray<number>): Field => join(...shape.map((size) => bytes(2, integer(1, size))))
const list = (value: unknown): value is ReadonlyArray<never> => Array.isArray(value)

/** AttrValue: a string, integer, float or boolean, a list of them; a type; a shape. By the binding's numbers of kinds. */
const attrValue = ({ type, value }: Attribute): Field => {
  const scalar = [
    (field: number, v: string) => bytes(field, v),
    (field: number, v: number) => integer(field, v),
    (field: number, v: number) => float(field, v),
    (field: number, v: boolean) => integer(field, v ? 1 : 0),
    (field: number, v: number) => integer(field, v),
  ][type] as (field: number, v: unknown) => Field
  if (type === 5) return bytes(7, shapeProto(value as ReadonlyArray<number>))
  return list(value) ? bytes(1, join(...value.map((v) => scalar(type + 2, v)))) : scalar(type + 2, value)
}

const attrDef = (name: string, value: Field): Field => bytes(5, join(bytes(1, name), bytes(2, value)))

/** The output of a node: `name` or `name:1`; `^name` only says that it comes after. */
export type Reference = string

export class Graph {
  readonly #nodes: Array<Field> = []

  /** How many nodes there are. */
  get size(): number {
    return this.#nodes.length
  }

  /** Adds a node, and gives the reference to its first output. */
  node(
    operation: string,
    inputs: ReadonlyArray<Reference> = [],
    attributes: ReadonlyArray<Attribute> = [],
    name = `n${this.size}`,
  ): Reference {
    return this.#add(
      name,
      operation,
      inputs,
      attributes.map((a) => attrDef(a.name, attrValue(a))),
    )
  }

  /** A constant of these little-endian bytes. */
  constant(shape: ReadonlyArray<number>, dtype: number, content: Uint8Array): Reference {
    const tensor = join(integer(1, dtype), bytes(2, shapeProto(shape)), bytes(4, content))
    const attributes = [attrDef("dtype", integer(6, dtype)), attrDef("value", bytes(8, tensor))]
    return this.#add(`n${this.size}`, "Const", [], attributes)
  }

  #add(name: string, operation: string, inputs: ReadonlyArray<Reference>, attributes: ReadonlyArray<Field>) {
    this.#nodes.push(
      join(bytes(1, name), bytes(2, operation), ...inputs.map((input) => bytes(3, input)), ...attributes),
    )
    return name
  }

  /** The bytes of `saved_model.pb`. */
  savedModel(): Uint8Array {
    const graph = join(...this.#nodes.map((node) => bytes(1, node)), bytes(4, integer(1, producer)))
    const tagged = bytes(1, bytes(4, "serve"))
    return join(integer(1, 1), bytes(2, join(tagged, bytes(2, graph))))
  }
}
