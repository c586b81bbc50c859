/** The tensor interpreter, on both backends, against float64. */
import { type Tensor, tf } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { forbidPromotion } from "@relent/tensor/testing"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as tensor from "../src/tensor/index.ts"
import { Divergence, estimators, FDivergence, members, onLogits, softmax, entropy, crossEntropy } from "../src/index.ts"
import { backends, read } from "./read.ts"

forbidPromotion()
const { kl, reverseKl, jensenShannon } = Divergence
const fs = members.filter((d) => d instanceof FDivergence)
const ends = [1e-6, -1e-6, 1 - 1e-6, 1 + 1e-6]
const nearEnds = [
  ...ends.map((a) => Divergence.alpha.make(a)),
  ...[1e-6, 1 - 1e-6].map((w) => Divergence.skewedJensenShannon.make(w)),
  ...[1 - 1e-6, 1 + 1e-6].map((a) => Divergence.renyi.make(a)),
]

type Row = Array<number>
type Rows = Array<Row>
const student = [
  [1, 0.5, -0.5, 0],
  [0.2, -0.3, 0.8, 0.1],
]
const teacher = [
  [2, 1, 0, -1],
  [0.5, 1.5, -0.5, 0],
]
const worst = (x: ReadonlyArray<number>, y: ReadonlyArray<number>) =>
  Math.max(...x.map((v, i) => Math.abs(v - y[i]!) / Math.max(1, Math.abs(y[i]!))))

describe.each(backends)("on %s", (_, layer) => {
  it.each([...members, ...nearEnds].map((d) => [d.name, d] as const))(
    "%s: value and gradients of logits agree with float64",
    async (_, d) => {
      for (const temperature of [1, 4]) {
        const exact = [0, 1].map((i) => onLogits(d, teacher[i]!, student[i]!, temperature))
        const result = await read(layer, () => {
          const loss = (target: Tensor, model: Tensor) =>
            tensor.onLogits(d, target, model, { temperature, gradient: "both" })
          const [target, model] = [tf.tensor(teacher), tf.tensor(student)]
          const [byTarget, byModel] = tf.grads(loss)([target, model])
          const alone = tf.grad((z: Tensor) => tensor.onLogits(d, target, z, { temperature }))(model)
          return { value: loss(target, model), byTarget: byTarget!, byModel: byModel!, alone }
        })
        expect(
          worst(
            result.value,
            exact.map(({ value }) => value),
          ),
        ).toBeLessThan(2e-6)
        expect(
          worst(
            result.byModel,
            exact.flatMap(({ gradient }) => [...gradient.model]),
          ),
        ).toBeLessThan(2e-6)
        expect(
          worst(
            result.byTarget,
            exact.flatMap(({ gradient }) => [...gradient.target]),
          ),
        ).toBeLessThan(2e-6)
        expect(result.alone).toEqual(result.byModel)
      }
    },
  )
})

const layer = testBackend

describe("second derivatives", () => {
  const step = 1e-5
  const along = [0.7, -0.4, 0.9, 0.2]
  const moved = (z: Row, by: number) => z.map((v, c) => v + by * along[c]!)
  const slopes = (d: Divergence, target: Row, model: Row) => {
    const { gradient } = onLogits(d, target, model, 2)
    return { target: [...gradient.target], model: [...gradient.model] }
  }
  /** Of two rows of float64 that were a step to either side. */
  const difference = (up: Row, down: Row) => up.map((v, c) => (v - down[c]!) / (2 * step))
  it.each([...members, ...nearEnds].map((d) => [d.name, d] as const))("%s: agree with differences", async (_, d) => {
    const result = await read(layer, () => {
      const [target, model, direction] = [tf.tensor(teacher), tf.tensor(student), tf.tensor([along, along])]
      const alone = (z: Tensor) => {
        const slope = tf.grad((z: Tensor) => tensor.onLogits(d, target, z, { temperature: 2 }))(z)
        return tf.sum(tf.mul(slope, direction))
      }
      const both = (x: Tensor, z: Tensor) => {
        const loss = (x: Tensor, z: Tensor) => tensor.onLogits(d, x, z, { temperature: 2, gradient: "both" })
        const [byTarget, byModel] = tf.grads(loss)([x, z])
        return tf.sum(tf.mul(tf.add(byTarget!, byModel!), direction))
      }
      const [byTarget, byModel] = tf.grads(both)([target, model])
      return { alone: tf.grad(alone)(model), byTarget: byTarget!, byModel: byModel! }
    })
    // the Hessian is symmetric: differences of the gradient in the direction are its product with the direction
    const exact = teacher.map((target, i) => {
      const model = student[i]!
      const [up, down] = [step, -step].map((by) => slopes(d, target, moved(model, by)).model) as [Row, Row]
      const [right, left] = [step, -step].map((by) => slopes(d, moved(target, by), moved(model, by))) as [
        ReturnType<typeof slopes>,
        ReturnType<typeof slopes>,
      ]
      return {
        alone: difference(up, down),
        byTarget: difference(right.target, left.target),
        byModel: difference(right.model, left.model),
      }
    })
    for (const name of ["alone", "byTarget", "byModel"] as const)
      expect(
        worst(
          result[name],
          exact.flatMap((row) => row[name]),
        ),
      ).toBeLessThan(1e-5)
  })
  it("no second derivative flows into a target that is held", async () => {
    const { found } = await read(layer, () => {
      const twice = (x: Tensor) =>
        tf.sum(tf.square(tf.grad((z: Tensor) => tensor.onLogits(kl, x, z))(tf.tensor(student))))
      const dependent = (x: Tensor) => tf.add(twice(x), tf.mul(tf.sum(x), 0))
      return { found: tf.grad(dependent)(tf.tensor(teacher)) }
    })
    expect(found.map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })
  it.each(fs.map((d) => [d.name, d] as const))("%s: terms, twice", async (_, d) => {
    const logs = [-3, -0.5, 0.5, 3]
    const { found } = await read(layer, () => {
      const slope = (l: Tensor) => tf.grad((l: Tensor) => tensor.terms(d, "model", l))(l)
      return { found: tf.grad((l: Tensor) => tf.add(slope(l), tf.mul(l, 0)))(tf.tensor(logs)) }
    })
    const exact = logs.map((l) => d.scoreWeight(l) + Math.exp(l) * d.slope(Math.exp(l)))
    expect(worst(found, exact)).toBeLessThan(2e-5)
  })
})

describe("random logits, up to 20 apart", () => {
  const row = fc.array(
    fc.integer({ min: -1000, max: 1000 }).map((z) => z / 100),
    { minLength: 5, maxLength: 5 },
  )
  const [targets, models] = [1, 2].map((seed) => fc.sample(row, { numRuns: 50, seed })) as [Rows, Rows]
  it.each(members.map((d) => [d.name, d] as const))("%s: both interpreters agree", async (_, d) => {
    const exact = targets.map((target, i) => onLogits(d, target, models[i]!))
    const { value, gradient } = await read(layer, () => {
      const loss = (z: Tensor) => tensor.onLogits(d, tf.tensor(targets), z)
      const model = tf.tensor(models)
      return { value: loss(model), gradient: tf.grad(loss)(model) }
    })
    // float32 rounds the parts of a gradient, which are of the value's size, before they cancel
    const errors = exact.flatMap((row, i) => {
      const size = Math.max(1, row.value)
      const parts = [...row.gradient.model].map((g, c) => (gradient[i * 5 + c]! - g) / size)
      return [(value[i]! - row.value) / size, ...parts].map(Math.abs)
    })
    expect(Math.max(...errors)).toBeLessThan(2e-5)
  })
})

describe("far logits", () => {
  const pairs: ReadonlyArray<readonly [Row, Row]> = [
    [
      [80, -80, 0, 79.9],
      [-80, 80, 0, 5],
    ],
    [
      [80, -80, 0, 79.9],
      [80, -80, 0, 79.8],
    ],
    [
      [0, 0, 0, 0],
      [80, -80, 80, -80],
    ],
    [
      [80, -80, 80, -80],
      [0, 0, 0, 0],
    ],
    [
      [80, 0, 0, 0],
      [0, 0, 0, 80],
    ],
    [
      [0, 300, -300, 0],
      [300, 0, -300, 0],
    ],
  ]
  const [targets, models] = [pairs.map(([target]) => target), pairs.map(([, model]) => model)]
  const nearOne = [0.995, 1.005].map((order) => Divergence.renyi.make(order))
  it.each([...members, ...nearEnds, ...nearOne].map((d) => [d.name, d] as const))(
    "%s: both interpreters agree where float32 can hold the value",
    async (_, d) => {
      const { value, byTarget, byModel } = await read(layer, () => {
        const loss = (x: Tensor, y: Tensor) => tensor.onLogits(d, x, y, { gradient: "both" })
        const given = [tf.tensor(targets), tf.tensor(models)] as const
        const [byTarget, byModel] = tf.grads(loss)([...given])
        return { value: loss(...given), byTarget: byTarget!, byModel: byModel! }
      })
      const errors = pairs.map(([target, model], i) => {
        const exact = onLogits(d, target, model)
        if (exact.value > 3e38) return value[i] === Infinity ? 0 : 1
        const gradient = [...exact.gradient.target, ...exact.gradient.model]
        const found = [...byTarget.slice(4 * i, 4 * i + 4), ...byModel.slice(4 * i, 4 * i + 4)]
        const off = [value[i]! - exact.value, ...found.map((g, k) => g - gradient[k]!)].map(Math.abs)
        return Math.max(...off) / Math.max(1, exact.value)
      })
      expect(Math.max(...errors)).toBeLessThan(1e-5)
    },
  )
  it("where float32 can't hold the value, the gradient is finite", async () => {
    const beyond = members.filter((d) => pairs.some(([target, model]) => onLogits(d, target, model).value > 3e38))
    expect(beyond.map((d) => d.name)).toEqual(expect.arrayContaining(["pearson-chi2", "neyman-chi2", "alpha 2"]))
    for (const d of beyond) {
      const { byTarget, byModel } = await read(layer, () => {
        const loss = (x: Tensor, y: Tensor) => tensor.onLogits(d, x, y, { gradient: "both" })
        const [byTarget, byModel] = tf.grads(loss)([tf.tensor(targets), tf.tensor(models)])
        return { byTarget: byTarget!, byModel: byModel! }
      })
      expect([...byTarget, ...byModel].every(Number.isFinite)).toBe(true)
    }
  })
  it("a row of equal logits costs nothing, whatever the gap inside", async () => {
    for (const d of members) {
      const { value, gradient } = await read(layer, () => {
        const z = tf.tensor([[1e4, 0, -1e4]])
        return { value: tensor.onLogits(d, z, z), gradient: tf.grad((m: Tensor) => tensor.onLogits(d, z, m))(z) }
      })
      expect([...value, ...gradient].map(Math.abs)).toEqual([0, 0, 0, 0])
    }
  })
})

describe("shapes", () => {
  it("leading axes are rows", async () => {
    const { value, gradient } = await read(layer, () => {
      const model = tf.tensor([student, teacher])
      const loss = (z: Tensor) => tensor.onLogits(kl, tf.tensor([teacher, student]), z)
      return { value: tf.tensor(loss(model).shape), gradient: tf.tensor(tf.grad(loss)(model).shape) }
    })
    expect([value, gradient]).toEqual([
      [2, 2],
      [2, 2, 4],
    ])
  })
  it("that differ are refused", async () => {
    await read(layer, () => {
      expect(() => tensor.onLogits(kl, tf.ones([2, 3]), tf.ones([2, 4]))).toThrow(
        "the target's logits are [2, 3], the model's [2, 4]",
      )
      expect(() => tensor.crossEntropy(tf.ones([1, 3]), tf.ones([2, 3]))).toThrow("the target's logits are [1, 3]")
      return {}
    })
  })
})

describe("on log-ratios", () => {
  const logs = [-40, -3, -0.5, 0, 0.5, 3, 40]
  it.each(fs.map((d) => [d.name, d] as const))(
    "%s: link, score weight and terms agree with float64, with their gradients",
    async (_, d) => {
      const result = await read(layer, () => {
        const x = tf.tensor(logs)
        const by = (f: (l: Tensor) => Tensor) => tf.grad(f)(x)
        return {
          link: tensor.link(d, x),
          linkSlope: by((l) => tensor.link(d, l)),
          pseudoReward: tensor.pseudoReward(d, x),
          weight: tensor.scoreWeight(d, x),
          weightSlope: by((l) => tensor.scoreWeight(d, l)),
          ofModel: tensor.terms(d, "model", x),
          ofModelSlope: by((l) => tensor.terms(d, "model", l)),
          ofTarget: tensor.terms(d, "target", x),
          ofTargetSlope: by((l) => tensor.terms(d, "target", l)),
        }
      })
      const dual = d.dual()
      const agree = (found: ReadonlyArray<number>, exact: (l: number) => number) =>
        expect(
          worst(
            found,
            logs.map((l) => Math.fround(exact(l))),
          ),
        ).toBeLessThan(2e-5)
      agree(result.link, (l) => d.link(l))
      agree(result.linkSlope, (l) => d.scoreWeight(-l))
      agree(result.pseudoReward, (l) => d.pseudoReward(l))
      agree(result.weight, (l) => d.scoreWeight(l))
      expect(result.weightSlope.every((g) => g === 0)).toBe(true)
      agree(result.ofModel, (l) => d.f(Math.exp(l)))
      agree(result.ofModelSlope, (l) => Math.exp(l) * d.slope(Math.exp(l)))
      agree(result.ofTarget, (l) => dual.f(Math.exp(-l)))
      agree(result.ofTargetSlope, (l) => -Math.exp(-l) * d.link(-l))
    },
  )
  it.each(Object.values(estimators).map((k) => [k.name, k] as const))("%s as penalty and as loss", async (_, k) => {
    const few = [-3, -0.5, 0, 0.5, 3]
    const result = await read(layer, () => {
      const x = tf.tensor(few)
      return {
        penalty: tensor.penalty(k, x),
        still: tf.grad((l: Tensor) => tensor.penalty(k, l))(x),
        slope: tf.grad((l: Tensor) => tensor.loss(k, l))(x),
      }
    })
    expect(worst(result.penalty, few.map(k.penalty))).toBeLessThan(1e-6)
    expect(worst(result.slope, few.map(k.slope))).toBeLessThan(1e-6)
    expect(result.still.map(Math.abs)).toEqual([0, 0, 0, 0, 0])
  })
  it("the gradient of f-DPO's loss", async () => {
    const gradients = async (d: FDivergence, beta: number) => {
      const { g } = await read(layer, () => {
        const loss = (l: Tensor) => {
          const [w, lost] = tf.split(tensor.link(d, l), 2) as [Tensor, Tensor]
          return tf.softplus(tf.mul(-beta, tf.sub(w, lost)))
        }
        return { g: tf.grad(loss)(tf.tensor([0.7, -0.4])) }
      })
      return g
    }
    expect(worst(await gradients(reverseKl, 0.1), [-0.04725277, 0.04725277])).toBeLessThan(1e-7)
    expect(worst(await gradients(kl, 0.1), [-0.023594731, 0.070882489])).toBeLessThan(1e-7)
    expect(worst(await gradients(jensenShannon, 0.2), [-0.016167784, 0.029171477])).toBeLessThan(1e-7)
    expect(worst(await gradients(Divergence.alpha.make(0.3), 0.1), [-0.038390498, 0.053399959])).toBeLessThan(1e-7)
  })
})

describe("information", () => {
  it("entropy and cross-entropy of logits", async () => {
    const { h, ce } = await read(layer, () => ({
      h: tensor.entropy(tf.tensor(student)),
      ce: tensor.crossEntropy(tf.tensor(teacher), tf.tensor(student), 2),
    }))
    expect(
      worst(
        h,
        student.map((z) => entropy(softmax(z))),
      ),
    ).toBeLessThan(1e-6)
    expect(
      worst(
        ce,
        [0, 1].map((i) => crossEntropy(softmax(teacher[i]!, 2), softmax(student[i]!, 2))),
      ),
    ).toBeLessThan(1e-6)
  })
})
