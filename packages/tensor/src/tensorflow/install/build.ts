/** Builds the addon: TensorFlow.js's own, and ours before it. */
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { native, sources as ours } from "../native.ts"
import { lastWords, run } from "./child.ts"
import { BuildFailed, CacheUnusable } from "./error.ts"

/** The headers of TensorFlow's C interface that the addon includes, by their names in the wheel. */
export const headers: ReadonlyArray<string> = [
  ...["c_api", "c_api_macros", "tf_attrtype", "tf_buffer", "tf_datatype", "tf_status", "tf_tensor", "tf_tstring"].map(
    (name) => `tensorflow/c/${name}.h`,
  ),
  "tensorflow/c/eager/c_api.h",
  ...["tensorflow/core", "tsl"].flatMap((root) => ["", "_internal"].map((end) => `${root}/platform/ctstring${end}.h`)),
  "xla/tsl/c/tsl_status.h",
].map((name) => `tensorflow/include/${name}`)

/** Libraries that the addon needs at run time, found in the folder `tensorflow` beside it. */
const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]

const compile = ["-O2", "-std=c++17", "-fPIC", "-DNAPI_VERSION=8"]

/**
 * Builds `addon.so` and `addon.node` in `folder`, from `sources`: `tfjs/binding`, `node/include` and `tensorflow/include`.
 *
 * The linker is given empty libraries of the right names: it would read the real ones, 850 MB, for 20 seconds, only to say whether
 * they have what the self-test asks of them.
 */
export const build = (
  compiler: string,
  sources: string,
  folder: string,
): Effect.Effect<void, BuildFailed | CacheUnusable> =>
  Effect.gen(function* () {
    const make = (what: string, ...words: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const ended = yield* run(compiler, words, { env: { TMPDIR: sources, LC_ALL: "C" } })
        const said = ended === undefined ? "there is no such program" : lastWords(ended)
        if (ended?.code !== 0) yield* new BuildFailed({ what, compiler, said })
      })
    const empty = join(sources, "empty")
    yield* Effect.tryPromise({ try: () => mkdir(empty), catch: (cause) => CacheUnusable.of(empty, cause) })
    const includes = ["-I", join(sources, "node/include"), "-I", join(sources, "tensorflow/include")]
    const parts = ["tfjs_backend", "tfjs_binding"]
    const object = (name: string) => join(sources, `${name}.o`)
    const source = (name: string) => join(sources, "tfjs/binding", `${name}.cc`)
    yield* Effect.all(
      [
        ...parts.map((name) =>
          make(
            "addon.so",
            ...compile,
            ...includes,
            "-include",
            native(ours.memory),
            "-c",
            source(name),
            "-o",
            object(name),
          ),
        ),
        make(
          "addon.node",
          ...compile,
          ...includes,
          "-shared",
          native(ours.loader),
          "-o",
          join(folder, "addon.node"),
          "-ldl",
        ),
        ...libraries.map((name) =>
          make(name, "-shared", `-Wl,-soname,${name}`, "-x", "c++", "/dev/null", "-o", join(empty, name)),
        ),
      ],
      { concurrency: 2 },
    )
    const needed = ["-Wl,--no-as-needed", "-L", empty, ...libraries.map((name) => `-l:${name}`)]
    const found = ["-Wl,-rpath,$ORIGIN/tensorflow", "-o", join(folder, "addon.so")]
    yield* make("addon.so", "-shared", ...parts.map(object), ...needed, ...found)
  })
