/** Type tests: what a user is told who connects, spells or sets something wrong. */
import { Column, TableSchema } from "@relent/arrow"
import { Pipeline, Plugin, Port, Stage } from "../src/index.ts"
import { blobs, pair, scale, take } from "./family.ts"

const { data } = blobs()
const { score } = scale({ data })

// @ts-expect-error Type 'Handle<"toy/score", { readonly score: Float64; }>' is not assignable to type 'Handle<"toy/labelled", ...>'.
//   Type '{ readonly score: Float64; }' is missing the following properties from type '...': x, label
scale({ data: score })

// @ts-expect-error Object literal may only specify known properties, and 'date' does not exist in type '...data: TableSchema<"toy/labelled", ...
scale({ date: data })
// @ts-expect-error Property 'data' is missing in type '{}' but required in type '{ readonly data: Handle<"toy/labelled", ...>; }'.
scale({})
// @ts-expect-error Type 'number' is not assignable to type 'Handle<"toy/labelled", ...>'.
scale({ data: 3 })

// @ts-expect-error Type 'string' is not assignable to type 'number'.
scale({ data }, { by: "two" })
// @ts-expect-error Object literal may only specify known properties, and 'bye' does not exist in type '{ readonly by?: number; ...
scale({ data }, { bye: 2 })
// @ts-expect-error Expected 2 arguments, but got 1.
take({ table: data })

// @ts-expect-error Property 'date' does not exist on type '...data: TableSchema<"toy/labelled", ...
export const misspelt = blobs().date

// A variadic port takes a list, an optional one may be left out, a generic one keeps the columns that it was given.
pair({ left: data, right: data, all: [score] })
// @ts-expect-error Type 'Handle<"toy/score", ...>' is missing the following properties from type 'readonly Handle<"toy/score", ...>[]'
pair({ left: data, right: data, all: score })
// @ts-expect-error Type 'Handle<"toy/score", ...>' is not assignable to type 'Handle<"toy/labelled", ...>'.
pair({ left: data, right: data, all: [score], more: score })
scale({ data: take({ table: data }, { rows: 1 }).table })
// @ts-expect-error Type 'Handle<"like its input", { readonly score: Float64; }>' is not assignable to type 'Handle<"toy/labelled", ...>'.
scale({ data: take({ table: score }, { rows: 1 }).table })

const Wide = TableSchema.make("toy/wide", 1, { label: Column.int32, y: Column.float64 })
const needs = Stage.make("toy/needs", {
  module: import.meta.url,
  title: "Any table with labels",
  inputs: { table: Port.any({ label: Column.int32 }) },
  outputs: { table: Port.like("table", { kept: Column.bool }) },
  *run({ inputs: { table } }) {
    return { table }
  },
})
needs({ table: data })
// @ts-expect-error Type 'Handle<"toy/score", { readonly score: Float64; }>' is not assignable to type 'Handle<string, { readonly label: Int32; }>'.
needs({ table: score })

// Two open ports may be given tables that have only what each asks for.
const both = Stage.make("toy/both", {
  module: import.meta.url,
  title: "Two tables of anything",
  inputs: { left: Port.any({ label: Column.int32 }), right: Port.any({ score: Column.float64 }) },
  outputs: { left: Port.like("left") },
  *run({ inputs: { left } }) {
    return { left }
  },
})
scale({ data: both({ left: data, right: score }).left })
// @ts-expect-error Type 'Handle<"toy/labelled", ...>' is not assignable to type 'Handle<string, { readonly score: Float64; }>'.
both({ left: data, right: data })

export const broken = Stage.make("toy/broken", {
  module: import.meta.url,
  title: "Gives what it doesn't declare",
  outputs: { wide: Wide },
  // @ts-expect-error Types of property 'wide' are incompatible.
  //   Type 'Stage<...>' is not assignable to type 'Table<{ readonly label: Int32; readonly y: Float64; }>'.
  *run() {
    return { wide: blobs }
  },
})

// @ts-expect-error Type '"toy/blobs"' is not assignable to type '`other/${string}`'.
Plugin.make("other", { title: "Others", module: import.meta.url, stages: { blobs: () => Promise.resolve(blobs) } })

// @ts-expect-error Type 'number' is not assignable to type ...
Pipeline.make({ name: "t", seed: 1, outputs: { score: 3 } })
