/** `relent export`: the metrics of a run in the files of TensorBoard and MLflow. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { eventFile, eventFileName, mlflowFiles, type Tracked } from "@relent/exchange"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode, text } from "../command.ts"
import { manifestOf } from "../manifest.ts"
import { because, Mistake } from "../mistake.ts"
import { trackedOf } from "../tracked.ts"

type Files = { readonly [path: string]: string | Uint8Array }

/** A folder a run; what would leave it, or is no name of a file everywhere, becomes `_`. */
const folderOf = (run: string) => run.replaceAll(/[^\w.@=,-]+/g, "_").slice(0, 200)

const tensorboardFiles = (all: ReadonlyArray<Tracked>): Files =>
  Object.fromEntries(all.map((one) => [join(folderOf(one.run), eventFileName(one)), eventFile(one)]))

const write = (folder: string, files: Files) =>
  Effect.try({
    try: () => {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(join(folder, dirname(path)), { recursive: true })
        writeFileSync(join(folder, path), content)
      }
    },
    catch: (error) => new Mistake({ message: `${folder}: ${because(error)}` }),
  })

export const exportCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const targets = { tensorboard: text(given, "tensorboard"), mlflow: text(given, "mlflow") }
      if (targets.tensorboard === undefined && targets.mlflow === undefined)
        return yield* new Mistake({
          message: "relent export: wants --tensorboard DIR or --mlflow DIR",
          hint: "relent table REF --export FILE writes one table",
        })
      const manifest = yield* manifestOf(given.positionals[0])
      const all = (yield* trackedOf(manifest)).filter(({ curves }) => curves.length > 0)
      if (all.length === 0)
        return yield* new Mistake({
          message: `${manifest.run} has no metrics: no table of it has a column 'step'`,
          hint: "relent show lists its tables",
        })
      const values = all.flatMap(({ curves }) => curves).reduce((sum, { steps }) => sum + steps.length, 0)
      for (const [tool, folder] of Object.entries(targets)) {
        if (folder === undefined) continue
        yield* write(folder, tool === "mlflow" ? Object.assign({}, ...all.map(mlflowFiles)) : tensorboardFiles(all))
        console.log(`${manifest.run}: ${values} values of ${all.length} runs in ${folder}`)
      }
      return exitCode.done
    }),
    given,
  )
