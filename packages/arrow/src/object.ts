/** Domain objects as tables: a tagged union whose tag and header are schema metadata, and whose tensors are rows. */
import type * as A from "apache-arrow"
import { Effect, Schema } from "effect"
import { build } from "./build.ts"
import { TableMismatch } from "./check.ts"
import type { Codec } from "./codec.ts"
import { bind } from "./check.ts"
import { type Buffers, Column, type Dtype, product, typedArrays } from "./column.ts"
import { heldColumns, view } from "./table.ts"

/** The opaque column of a domain object; a kind that isn't asked for is a compile error. */
export interface Is<out Kind> {
  readonly kind: Kind
}

/** A tensor outside any device. */
export interface TensorValue<D extends Dtype = Dtype> {
  readonly dtype: D
  readonly shape: ReadonlyArray<number>
  readonly values: Buffers[D]
}
/** Tensors by path: a model's weights, a policy's logits, an optimiser's state. */
export type Parameters = { readonly [path: string]: TensorValue }

/** A tensor of these values, by default one axis. */
export const tensorValue = <D extends Dtype>(
  dtype: D,
  values: Buffers[D],
  shape: ReadonlyArray<number> = [values.length],
): TensorValue<D> => ({ dtype, shape, values })

/** One kind of a domain object: its JSON header, and how it comes to life from header and tensors. */
export interface Kind<Header, Value> {
  readonly header: Schema.Codec<Header>
  readonly decode: (header: Header, parameters: Parameters) => Value
  readonly encode: (value: Value) => readonly [Header, Parameters]
}

type Tagged = { readonly kind: string }

/** A domain object `Value`, a union of kinds, of which this port takes the kinds `K`. */
export interface ObjectCodec<Name extends string, Value extends Tagged, K extends Value["kind"]> extends Codec<
  Name,
  { readonly [N in Name]: Is<K> },
  Extract<Value, { readonly kind: K }>
> {
  /** The same object, restricted to some of its kinds. */
  readonly only: <const Some extends K>(...kinds: ReadonlyArray<Some>) => ObjectCodec<Name, Value, Some>
}

const storage = {
  path: Column.utf8,
  dtype: Column.utf8,
  shape: Column.list("int32"),
  /** Little endian, row-major. */
  values: Column.binary,
}

const bytesOf = ({ values }: TensorValue) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** The tensors of a table's rows, or what is wrong with one of them. */
const parametersOf = (table: A.Table): Parameters | string => {
  const problems = bind(heldColumns(table), storage, new Map())
  if (problems.length > 0) return problems.join("; ")
  const parameters: Record<string, TensorValue> = {}
  for (const { path, dtype, shape, values } of view(table, storage).rows) {
    if (!(dtype in typedArrays))
      return `tensor '${path}' is of ${dtype}; there is ${Object.keys(typedArrays).join(", ")}`
    const type = typedArrays[dtype as Dtype]
    const count = product([...shape])
    if (values.byteLength !== count * type.BYTES_PER_ELEMENT)
      return `tensor '${path}' of shape [${[...shape].join(", ")}] has ${values.byteLength} bytes, wanted ${count * type.BYTES_PER_ELEMENT}`
    // Copied: rows in a file begin where they like, typed arrays at multiples of their element.
    parameters[path] = { dtype: dtype as Dtype, shape: [...shape], values: new type(values.slice().buffer) }
  }
  return parameters
}

const decodeHeader = (schema: Schema.Codec<any>, json: string, wrong: (problem: string) => TableMismatch) =>
  Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(json).pipe(
    Effect.mapError((error) => wrong(`header: ${error.message}`)),
  )

/** Declares a domain object: `objectCodec<Policy>()("sequence/policy", 1, { tabular, markov })`. */
export const objectCodec =
  <Value extends Tagged>() =>
  <const Name extends string>(
    name: Name,
    version: number,
    kinds: { readonly [K in Value["kind"]]: Kind<any, Extract<Value, { readonly kind: K }>> },
  ): ObjectCodec<Name, Value, Value["kind"]> => {
    const byKind: { readonly [kind: string]: Kind<any, any> } = kinds
    const wrong = (problem: string) => new TableMismatch({ schema: name, problems: [problem] })
    const decode = (allowed: ReadonlyArray<string>) =>
      Effect.fnUntraced(function* (table: A.Table) {
        const kind = table.schema.metadata.get("relent:kind") ?? "none"
        if (!allowed.includes(kind)) return yield* wrong(`kind is '${kind}', wanted ${allowed.join(" or ")}`)
        const codec = byKind[kind]!
        const header = yield* decodeHeader(codec.header, table.schema.metadata.get("relent:header") ?? "", wrong)
        const parameters = parametersOf(table)
        if (typeof parameters === "string") return yield* wrong(parameters)
        return codec.decode(header, parameters)
      })
    const encode = (value: Tagged) => {
      const codec = byKind[value.kind]!
      const [header, parameters] = codec.encode(value)
      const tensors = Object.entries(parameters)
      const metadata = {
        "relent:kind": value.kind,
        "relent:header": JSON.stringify(Schema.encodeSync(codec.header)(header)),
      }
      const data = {
        path: tensors.map(([path]) => path),
        dtype: tensors.map(([, t]) => t.dtype),
        shape: tensors.map(([, t]) => t.shape),
        values: tensors.map(([, t]) => bytesOf(t)),
      }
      return build(`${name}@${version}`, storage, data, metadata)
    }
    const restricted = (allowed: ReadonlyArray<string>): ObjectCodec<Name, any, any> => ({
      name,
      version,
      columns: storage,
      kinds: allowed,
      only: (...some) => restricted(some),
      decode: decode(allowed) as never,
      encode,
    })
    return restricted(Object.keys(kinds))
  }
