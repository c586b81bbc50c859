/** Domain objects as tables: a tagged union whose tag and header are schema metadata, and whose tensors are rows. */
import type * as A from "apache-arrow"
import { Effect, Schema } from "effect"
import { build } from "./build.ts"
import { bind, TableMismatch } from "./check.ts"
import type { Codec } from "./codec.ts"
import { type Buffers, Column, type Dtype, product, type Row, typedArrays } from "./column.ts"
import { canonicalJson } from "./json.ts"
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

/**
 * A tensor of these values, which aren't copied; by default one axis.
 *
 * @throws TableMismatch if the shape holds another number of elements.
 *
 * ```ts example
 * import { tensorValue } from "@relent/arrow"
 * tensorValue("float32", Float32Array.of(1, 2, 3, 4), [2, 2]).shape // => [2, 2]
 * ```
 */
export const tensorValue = <D extends Dtype>(
  dtype: D,
  values: Buffers[D],
  shape: ReadonlyArray<number> = [values.length],
): TensorValue<D> => {
  if (product(shape) !== values.length) {
    const problem = `shape [${shape.join(", ")}] has ${product(shape)} elements, there are ${values.length} values`
    throw new TableMismatch({ schema: "a tensor", problems: [problem] })
  }
  return { dtype, shape, values }
}

/** One kind of a domain object: its JSON header, and how it comes to life from header and tensors. */
export interface Kind<Header, Value> {
  readonly header: Schema.Codec<Header>
  /** What it throws becomes a `TableMismatch`. */
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

/** Little endian, as every machine that Node runs relent on. */
const bytesOf = ({ values }: TensorValue) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** The tensor of a row, or what is wrong with it. The values are a copy: aligned, and the object's own. */
const tensorOf = ({ path, dtype, shape, values }: Row<typeof storage>): TensorValue | string => {
  if (!Object.hasOwn(typedArrays, dtype))
    return `tensor '${path}' is of ${dtype}; there is ${Object.keys(typedArrays).join(", ")}`
  const sizes = `[${shape.join(", ")}]`
  if (shape.some((size) => size < 0)) return `tensor '${path}' has the shape ${sizes}`
  const type = typedArrays[dtype as Dtype]
  const wanted = product([...shape]) * type.BYTES_PER_ELEMENT
  if (values.byteLength !== wanted)
    return `tensor '${path}' of shape ${sizes} has ${values.byteLength} bytes, wanted ${wanted}`
  return { dtype: dtype as Dtype, shape: [...shape], values: new type(new Uint8Array(values).buffer) }
}

/** The rows of tensors, each its numbers by its path; undefined where a table holds something else. */
export const tensorRows = (table: A.Table): ReadonlyArray<Readonly<Record<string, unknown>>> | undefined => {
  if (bind(heldColumns(table), storage, new Map()).length > 0) return undefined
  return Array.from(view(table, storage).rows, (row) => {
    const tensor = tensorOf(row)
    return typeof tensor === "string" ? row : { [row.path]: tensor.values }
  })
}

/** The tensors of a table's rows by path, and what is wrong with them. */
const parametersOf = (
  table: A.Table,
): { readonly parameters: Parameters; readonly problems: ReadonlyArray<string> } => {
  const problems = [...bind(heldColumns(table), storage, new Map())]
  if (problems.length > 0) return { parameters: {}, problems }
  const found = new Map<string, TensorValue>()
  for (const row of view(table, storage).rows) {
    const tensor = tensorOf(row)
    if (typeof tensor === "string") problems.push(tensor)
    else if (found.has(row.path)) problems.push(`tensor '${row.path}' is there twice`)
    else found.set(row.path, tensor)
  }
  return { parameters: Object.fromEntries(found), problems }
}

/** The tensors of a table that holds a domain object, whatever it is; fails where its rows aren't tensors. */
export const tensorsOf = (table: A.Table): Effect.Effect<Parameters, TableMismatch> =>
  Effect.gen(function* () {
    const { parameters, problems } = parametersOf(table)
    return problems.length > 0 ? yield* new TableMismatch({ schema: "tensors", problems }) : parameters
  })

/** A table of tensors; the metadata is what makes them a domain object. */
export const tensorTable = (
  schema: string,
  parameters: Parameters,
  metadata: { readonly [key: string]: string },
): A.Table => {
  const tensors = Object.entries(parameters)
  const data = {
    path: tensors.map(([path]) => path),
    dtype: tensors.map(([, t]) => t.dtype),
    shape: tensors.map(([, t]) => t.shape),
    values: tensors.map(([, t]) => bytesOf(t)),
  }
  return build(schema, storage, data, metadata)
}

const decodeHeader = (schema: Schema.Codec<any>, json: string, wrong: (problem: string) => TableMismatch) =>
  Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(json).pipe(
    Effect.mapError((error) => wrong(`header: ${error.message}`)),
  )

/**
 * Declares a domain object: `objectCodec<Policy>()("sequence/policy", 1, { tabular, markov })`. `decode` fails with
 * `TableMismatch` for another kind, a header that isn't JSON or doesn't fit, and wrong or missing tensors.
 */
export const objectCodec =
  <Value extends Tagged>() =>
  <const Name extends string>(
    name: Name,
    version: number,
    kinds: { readonly [K in Value["kind"]]: Kind<any, Extract<Value, { readonly kind: K }>> },
  ): ObjectCodec<Name, Value, Value["kind"]> => {
    const byKind: { readonly [kind: string]: Kind<any, any> } = kinds
    const wrong = (...problems: ReadonlyArray<string>) => new TableMismatch({ schema: name, problems })
    const decode = (allowed: ReadonlyArray<string>) =>
      Effect.fnUntraced(function* (table: A.Table) {
        const kind = table.schema.metadata.get("relent:kind") ?? "none"
        if (!allowed.includes(kind)) return yield* wrong(`kind is '${kind}', wanted ${allowed.join(" or ")}`)
        const codec = byKind[kind]!
        const header = yield* decodeHeader(codec.header, table.schema.metadata.get("relent:header") ?? "", wrong)
        const { parameters, problems } = parametersOf(table)
        if (problems.length > 0) return yield* wrong(...problems)
        // A kind reads the tensors that its header implies: one that is missing shows here.
        return yield* Effect.try({
          try: () => codec.decode(header, parameters),
          catch: (error) => {
            const reason = error instanceof Error ? error.message : String(error)
            return wrong(`kind '${kind}' isn't made of the tensors ${Object.keys(parameters).join(", ")}: ${reason}`)
          },
        })
      })
    const encode = (value: Tagged) => {
      const codec = byKind[value.kind]!
      const [header, parameters] = codec.encode(value)
      return tensorTable(`${name}@${version}`, parameters, {
        "relent:kind": value.kind,
        "relent:header": canonicalJson(Schema.encodeSync(codec.header)(header)),
      })
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
