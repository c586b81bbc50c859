/** `relent backends`: the tensor backends of this machine, how fast each is, and which one is taken. */
import { Backend, type BackendName, backendNames, type TensorError } from "@relent/tensor/backend"
import { chooseBackend } from "@relent/tensor/choose"
import type { Speed } from "@relent/tensor/measure"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, environmentBackend, exitCode } from "../command.ts"
import { clean, clip, jsonText, paint, tableText } from "../terminal.ts"

/** One that opens: what it is, and its figures or why there are none. */
interface Ready extends Pick<Backend["Service"], "device" | "libraries" | "threads" | "records" | "numerics"> {
  readonly backend: BackendName
  readonly ready: true
  /** Of TensorFlow.js. */
  readonly version: string
  readonly speed?: Speed
  readonly problem?: string
}
/** One that doesn't, and what to do about it. */
interface Missing {
  readonly backend: BackendName
  readonly ready: false
  readonly reason: string
  readonly hint: string
}
export type Row = Ready | Missing

const lookAt = (backend: BackendName): Effect.Effect<Row> =>
  Effect.gen(function* () {
    const { measure } = yield* Effect.promise(() => import("@relent/tensor/measure"))
    const { device, version, libraries, threads, records, numerics } = yield* Backend
    const about = { backend, ready: true, device, version, libraries, threads, records, numerics } as const
    return yield* measure.pipe(
      Effect.map((speed): Row => ({ ...about, speed })),
      Effect.catch((error: TensorError) => Effect.succeed<Row>({ ...about, problem: error.message })),
    )
  }).pipe(
    Effect.provide(Backend[backend]),
    Effect.catch(({ reason, hint }) => Effect.succeed<Row>({ backend, ready: false, reason, hint })),
  )

const figure = (value: number) => (value < 100 ? value.toPrecision(2) : String(Math.round(value)))

/** A smaller batch than the others' is said. */
const stepText = ({ batch, milliseconds }: Speed["step"]) =>
  `${figure(milliseconds)} ms${batch === 128 ? "" : ` (batch ${batch})`}`

const cells = (row: Row): ReadonlyArray<string> =>
  row.ready
    ? [
        row.backend,
        row.device,
        [`tfjs-${row.version}`, ...row.libraries].join(" "),
        row.speed === undefined ? "" : figure(row.speed.product.gflops),
        row.speed === undefined ? "" : stepText(row.speed.step),
        clip(row.numerics, 48),
      ]
    : [row.backend, "not there", "", "", "", ""]

/** What doesn't fit in a table: why there are no figures, and what to do. */
const remarks = (row: Row): ReadonlyArray<string> => {
  if (row.ready) return row.problem === undefined ? [] : [`${row.backend}: ${clean(row.problem)}`]
  return [`${row.backend}: ${clean(row.reason)}`, paint("dim", `  ${clean(row.hint)}`)]
}

const head = ["backend", "device", "versions", "GFLOP/s", "MLP step", "numerics class"]

export const backendsText = (rows: ReadonlyArray<Row>, last: string): string =>
  [tableText(head, rows.map(cells)), ...rows.flatMap(remarks), last].join("\n")

export const backendsCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const rows = yield* Effect.forEach(backendNames, lookAt)
      const auto = chooseBackend()
      const chosen = environmentBackend()
      if (given.options["json"] === true) console.log(jsonText({ backends: rows, auto, chosen }))
      else
        console.log(
          backendsText(
            rows,
            `auto takes ${auto.name}: ${auto.why}${chosen === undefined ? "" : `\nRELENT_BACKEND=${chosen} is what commands take here`}`,
          ),
        )
      return exitCode.done
    }),
    given,
  )
