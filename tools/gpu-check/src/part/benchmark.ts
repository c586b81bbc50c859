/** `node benchmark.ts BACKEND`: milliseconds a training step of three models, and the speed of matrix products. */
import { makeAdam, type Tree } from "@relent/nn"
import { Owner, type TensorError, tf } from "@relent/tensor"
import { Effect } from "effect"
import { type Model, models, normal } from "./models.ts"
import { part, row } from "./say.ts"

/** Seconds for one figure, after the warm-up. */
const enough = 5
const adam = makeAdam()
const now = () => performance.now() / 1000 // allow purity: it measures

/** Seconds a call, the median of five rounds that wait for the device at their end; one round where that takes long. */
const timed = async (call: () => tf.Tensor): Promise<{ readonly seconds: number; readonly calls: number }> => {
  const round = async (calls: number) => {
    const begin = now()
    let last: tf.Tensor | undefined
    for (let i = 0; i < calls; i++) {
      last?.dispose()
      last = call()
    }
    await last!.data()
    last!.dispose()
    return (now() - begin) / calls
  }
  await round(1)
  const one = await round(2)
  const calls = Math.max(1, Math.min(200, Math.round(enough / 5 / one)))
  const rounds = [one]
  if (one < enough) for (let i = 1; i < 5; i++) rounds.push(await round(calls))
  return { seconds: rounds.toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)]!, calls: calls * rounds.length }
}

/** One step after the other: the weights stay on the device, the loss of the last is waited for. */
const steps = async ({ weights, batch, loss }: Model) => {
  const owner = new Owner()
  const [given, begin] = owner.compute(() => [batch(), weights()] as [Tree, Tree])
  let state: { parameters: Tree; state: Tree } = {
    parameters: begin,
    state: owner.compute(() => adam.init(begin)),
  }
  let step = 0
  const found = await timed(() => {
    step++
    const names = Object.keys(state.parameters)
    const { value, ...next } = tf.tidy(() => {
      const of = (values: ReadonlyArray<tf.Tensor>) => Object.fromEntries(names.map((name, i) => [name, values[i]!]))
      const { value, grads } = tf.valueAndGrads((...values: Array<tf.Tensor>) => loss(of(values), given))(
        Object.values(state.parameters),
      )
      return { value, ...adam.update(state.parameters, of(grads), state.state, { step, learningRate: 1e-3 }) }
    })
    owner.release([state.parameters, state.state] as never)
    state = owner.own(next as never)
    return value
  })
  owner.close()
  return found
}

const product = async (n: number) => {
  const owner = new Owner()
  const [a, b] = owner.compute((): [tf.Tensor, tf.Tensor] => [normal("a", 1, [n, n]), normal("b", 1, [n, n])])
  const found = await timed(() => tf.matMul(a, b))
  owner.close()
  return found
}

await part((backend) =>
  Effect.gen(function* () {
    const measure = (
      what: string,
      run: () => Promise<{ seconds: number; calls: number }>,
      figure: (seconds: number) => { value: number; unit: string },
    ) =>
      backend.run(Effect.promise(run)).pipe(
        Effect.map(({ seconds, calls }) => row({ what, ...figure(seconds), note: `${calls} in five rounds, median` })),
        Effect.catch((error: TensorError) => Effect.sync(() => row({ what, note: error.message }))),
      )
    yield* measure(
      "product 64x64x64: what one operation costs",
      () => product(64),
      (seconds) => ({ value: seconds * 1e6, unit: "us" }),
    )
    for (const model of models)
      yield* measure(
        model.title,
        () => steps(model),
        (seconds) => ({ value: seconds * 1000, unit: "ms a step" }),
      )
    for (const n of backend.name === "cpu" ? [256] : backend.name === "wasm" ? [1024] : [1024, 4096])
      yield* measure(
        `product ${n}x${n}x${n}`,
        () => product(n),
        (seconds) => ({ value: (2 * n ** 3) / seconds / 1e9, unit: "GFLOP/s" }),
      )
  }),
)
