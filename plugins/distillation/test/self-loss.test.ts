/** Oracles of USKD, and what every loss without a teacher must keep. */
import { Names } from "@relent/named"
import { softmaxCrossEntropy } from "@relent/nn"
import { type Tensor, tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { targetsOf } from "../src/labels.ts"
import { nonTarget } from "../src/loss/non-target.ts"
import { otherLabels, positions, targetLabels } from "../src/self-loss/customised-labels.ts"
import { selfLosses } from "../src/self-loss/index.ts"
import { SelfLoss, type SelfLossInput } from "../src/self-loss/self-loss.ts"
import { type Uskd, uskdLoss } from "../src/self-loss/uskd.ts"
import { close, read, z } from "./fixture.ts"

type Rows = Array<Array<number>>
const w: Rows = [
  [0.3, 0.1, -0.2, 0.4],
  [0, 0.6, 0.2, -0.1],
]
const y: Rows = [
  [1, 0, 0, 0],
  [0, 0, 1, 0],
]
const card: Uskd = { alpha: 1, beta: 0.1, mu: 0.005, rankScore: "log" }
const nothing = { alpha: 0, beta: 0, mu: 0 }

const input = (student: Rows, weak: Rows, labels: Rows): Required<SelfLossInput> => ({
  student: tf.tensor2d(student),
  weak: tf.tensor2d(weak),
  labels: tf.tensor2d(labels),
  targets: targetsOf(Float32Array.from(labels.flat()), labels[0]!.length)
    .filter((target) => target.some((v) => v > 0))
    .map((target) => tf.tensor2d(target, [labels.length, labels[0]!.length])),
})
const values = (of: (input: Required<SelfLossInput>) => Tensor, student = z, weak = w, labels = y) =>
  read(() => of(input(student, weak, labels)))
const gradient = (by: "student" | "weak", of: (input: Required<SelfLossInput>) => Tensor, labels = y) =>
  read(() => {
    const given = input(z, w, labels)
    return tf.grad((x) => tf.sum(of({ ...given, [by]: x })))(given[by])
  })
const p = targetLabels
const n = (given: Required<SelfLossInput>) => otherLabels(given, "log")
/** USKD without the cross-entropy beside it. */
const uskdTerm =
  (options: Uskd) =>
  (given: SelfLossInput): Tensor =>
    tf.sub(uskdLoss(options)(given), softmaxCrossEntropy(given.labels, given.student))
const mean = (numbers: ReadonlyArray<number>) => numbers.reduce((a, b) => a + b, 0) / numbers.length
const softmax = (row: ReadonlyArray<number>) => {
  const e = row.map(Math.exp)
  const total = e.reduce((a, b) => a + b, 0)
  return e.map((v) => v / total)
}

describe("uskd", () => {
  it("has the target values of the card, 1 in the mean", async () => {
    const found = await values(p)
    close(found, [1.01513796, 0, 0, 0, 0, 0, 0.98486204, 0], 6)
    expect(found.reduce((a, b) => a + b, 0) / 2).toBeCloseTo(1, 6)
  })
  it("has the labels of the other classes of the card", async () => {
    const expected = [0, 0.46153846, 0.23076923, 0.30769231, 0.46153846, 0.30769231, 0, 0.23076923]
    close(await values(n), expected, 6)
  })
  it("ranks as the card, by log-probabilities or by probabilities", async () => {
    // The scores of the card's formula; both rows have the places it gives.
    const scores = (u: (row: Array<number>) => Array<number>) =>
      z.map((row, i) => {
        const [a, b, label] = [softmax(w[i]!), u(row), y[i]!.indexOf(1)]
        return row.map((_, c) => a[c]! / (1 - a[label]! + 1e-6) + b[c]! / (1 - b[label]! + 1e-6))
      })
    const places = (s: Rows) => read(() => positions(tf.tensor2d(s)))
    expect(await places(scores((row) => softmax(row).map(Math.log)))).toEqual([0, 1, 3, 2, 1, 2, 0, 3])
    expect((await places(scores(softmax))).slice(4)).toEqual([2, 1, 0, 3])
  })
  it("has the terms of the card", async () => {
    const term = (weights: Partial<Uskd>) => values(uskdTerm({ ...card, ...nothing, ...weights }))
    close(await term({ alpha: 1 }), [0.79925737, 0.85325739], 6)
    close(await term({ mu: 1 }), [1.27642034, 1.401556], 6)
    close(await term({ beta: 1 }), [1.06488506, 1.09775073], 6)
    expect((await term({ beta: 1, rankScore: "prob" }))[1]).toBeCloseTo(1.17467381, 6)
    expect(mean(await values(uskdTerm(card)))).toBeCloseTo(0.941084111, 6)
    expect(mean(await values(uskdTerm({ ...card, rankScore: "prob" })))).toBeCloseTo(0.944930265, 6)
  })
  it("drops the label's place, whether it ranks first or last", async () => {
    const [student, weak] = [[[9, 3, 2, 1]], [[9, 3, 2, 1]]]
    const at = (label: number) => [[0, 1, 2, 3].map((c) => (c === label ? 1 : 0))]
    const total = 1 / 2 + 1 / 3 + 1 / 4
    close(await values(n, student, weak, at(0)), [0, 1 / 2 / total, 1 / 3 / total, 1 / 4 / total], 6)
    const rest = 1 + 1 / 2 + 1 / 3
    close(await values(n, student, weak, at(3)), [1 / rest, 1 / 2 / rest, 1 / 3 / rest, 0], 6)
  })
  it("ranks the first of equals first", async () => {
    expect(await read(() => positions(tf.tensor2d([[1, 3, 3, 1, 3]])))).toEqual([3, 0, 1, 4, 2])
  })
  it("has no gradient through P, N and the ranking: its gradient is that of constant labels", async () => {
    const [targets, others] = [await values(p), await values(n)]
    const apart = await values(({ student, labels }) => tf.softmax(nonTarget(student, labels)))
    const expected = z.flatMap((row, i) => {
      const s = softmax(row)
      const total = targets.slice(4 * i, 4 * i + 4).reduce((a, b) => a + b, 0)
      return row.map((_, c) => {
        const at = 4 * i + c
        return s[c]! * total - targets[at]! + 0.1 * (apart[at]! - others[at]!)
      })
    })
    close(await gradient("student", uskdTerm(card)), expected, 6)
    // each entry by another factor: the sum of P is the number of rows, and that of N too
    const uneven = () => tf.tensor2d([5, 1, 2, 3, 4, 7, 1, 6], [2, 4])
    for (const constant of [p, n])
      for (const by of ["student", "weak"] as const)
        close(
          await gradient(by, (given) => tf.add(tf.mul(constant(given), uneven()), given[by])),
          expected.map(() => 1),
          7,
        )
  })
  it("gives the weak head gradient by mu alone", async () => {
    const expected = w.flatMap((row, i) => {
      const v = softmax(row)
      return row.map((_, c) => 0.005 * (v[c]! - 0.9 * y[i]![c]! - 0.025))
    })
    close(await gradient("weak", uskdTerm(card)), expected, 7)
    close(
      await gradient("weak", uskdTerm({ ...card, mu: 0 })),
      expected.map(() => 0),
      9,
    )
  })
  it("is cross-entropy in the target term of a batch of one", async () => {
    const one = (rows: Rows) => [rows[0]!]
    expect(await values(p, one(z), one(w), one(y))).toEqual([1, 0, 0, 0])
    const target = uskdTerm({ ...card, ...nothing, alpha: 1 })
    close(await values(target, one(z), one(w), one(y)), [-Math.log(softmax(z[0]!)[0]!)], 6)
  })
  it("is the target term alone without a weak head", async () => {
    const alone = await values(({ student, labels, targets }) => uskdTerm(card)({ student, labels, targets }))
    close(alone, await values(uskdTerm({ ...card, beta: 0, mu: 0 })), 7)
  })
  it("takes each member's batch by itself", async () => {
    const stacked = await read(() => {
      const given = input([...z, ...w], [...w, ...z], [...y, ...y.toReversed()])
      const members = (x: Tensor) => tf.reshape(x, [2, 2, 4])
      return uskdTerm(card)({
        student: members(given.student),
        weak: members(given.weak),
        labels: members(given.labels),
        targets: given.targets.map(members),
      })
    })
    close(stacked, [...(await values(uskdTerm(card))), ...(await values(uskdTerm(card), w, z, y.toReversed()))], 6)
  })
  it("stays finite where the label has all the probability, or none", async () => {
    const far = [
      [300, -300, 0, 0],
      [0, 300, -300, 0],
    ]
    for (const rankScore of ["log", "prob"] as const) {
      expect((await values(uskdTerm({ ...card, rankScore }), far, far)).every(Number.isFinite)).toBe(true)
      expect((await values(uskdTerm({ ...card, rankScore }), far, w)).every(Number.isFinite)).toBe(true)
    }
  })
})

describe("uskd of two labels a sample", () => {
  const mixed = [
    [0.7, 0, 0.3, 0],
    [0, 0.5, 0, 0.5],
    [0, 0, 1, 0],
  ]
  const [z3, w3] = [
    [...z, [0.4, 0.1, 0.2, -1]],
    [...w, [0.2, -0.3, 0.1, 0]],
  ]
  // First and second target of a row, the larger first, of equals the first.
  const targets = [[0, 2], [1, 3], [2]]

  it("has P for each target, over the rows that have one: a class of value 0 is none", async () => {
    const squares = targets.map((classes, i) => classes.map((c) => softmax(z3[i]!)[c]! ** 2))
    const expected = z3.map((row) => row.map(() => 0))
    for (const column of [0, 1]) {
      const rows = [0, 1, 2].filter((i) => targets[i]![column] !== undefined)
      const average = mean(rows.map((i) => squares[i]![column]!))
      for (const i of rows) {
        const c = targets[i]![column]!
        expected[i]![c] = squares[i]![column]! + mixed[i]![c]! - average
      }
    }
    close(await values(p, z3, w3, mixed), expected.flat(), 6)
  })
  it("removes both targets from the other classes, and no class of value 0", async () => {
    const found = await values(n, z3, w3, mixed)
    const zeros = [0, 1, 2].map((i) => [0, 1, 2, 3].filter((c) => found[4 * i + c] === 0))
    expect(zeros).toEqual(targets)
    for (const i of [0, 1, 2]) expect(found.slice(4 * i, 4 * i + 4).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6)
    // By hand: sums over both targets in the scores of the first row.
    const [a, u] = [softmax(w3[0]!), softmax(z3[0]!).map(Math.log)]
    const score = (c: number) => a[c]! / (1 - a[0]! - a[2]! + 1e-6) + u[c]! / (1 - u[0]! - u[2]! + 1e-6)
    const order = [0, 1, 2, 3].toSorted((i, j) => score(j) - score(i))
    const zipf = (c: number) => 1 / (order.indexOf(c) + 1)
    expect(found[1]!).toBeCloseTo(zipf(1) / (zipf(1) + zipf(3)), 6)
  })
  it("is one-hot labels where the second value is 0", async () => {
    close(await values(n, z3, w3, mixed).then((all) => all.slice(8)), await values(n, [z3[2]!], [w3[2]!], [mixed[2]!]))
  })
  it("has no other classes where both are targets", async () => {
    const two = [[[0.3, -0.2]], [[0.1, 0.2]], [[0.4, 0.6]]] as const
    expect(await values(n, ...(two as unknown as [Rows, Rows, Rows]))).toEqual([0, 0])
    const all = await values(uskdTerm(card), ...(two as unknown as [Rows, Rows, Rows]))
    expect(all.every(Number.isFinite)).toBe(true)
  })
})

const decode = (spelling: string | object): Promise<SelfLoss & { readonly parameters: unknown }> => {
  const find = (_: string, name: string) => {
    const found = selfLosses.find((loss) => loss.name === name)
    return found ? Effect.succeed(found) : Effect.fail(`'${name}' is unknown`)
  }
  return Effect.runPromise(
    Schema.decodeUnknownEffect(SelfLoss.parameter("distillation"))(spelling).pipe(
      Effect.provideService(Names, { find }),
      Effect.map(({ value, parameters }) => ({ ...value, parameters })),
    ),
  )
}

describe("parameters of uskd", () => {
  it("have the card's defaults, and no weak head where nothing reads it", async () => {
    const { parameters, weakHead } = await decode("uskd")
    expect(parameters).toEqual({ ...card, layer: 0 })
    expect(weakHead).toBe(0)
    expect((await decode({ uskd: { beta: 0, mu: 0 } })).weakHead).toBeUndefined()
    expect((await decode({ uskd: { beta: 0, layer: 1 } })).weakHead).toBe(1)
  })
  it.each([
    [{ uskd: { alpha: -1 } }, /greater than or equal to 0/],
    [{ uskd: { beta: -0.1 } }, /greater than or equal to 0/],
    [{ uskd: { mu: -0.1 } }, /greater than or equal to 0/],
    [{ uskd: { mu: Number.POSITIVE_INFINITY } }, /finite/],
    [{ uskd: { rankScore: "rank" } }, /"prob"/],
    [{ uskd: { layer: -1 } }, /greater than or equal to 0/],
    [{ uskd: { layer: 0.5 } }, /integer/],
    [{ "label-smoothing": { amount: 1.1 } }, /between 0 and 1/],
    [{ nkd: {} }, /'distillation\/nkd' is unknown/],
  ])("refuse %j", async (spelling, message) => {
    await expect(decode(spelling)).rejects.toThrow(message)
  })
  it("warn of two classes", async () => {
    const { warning } = await decode("uskd")
    expect(warning!({ classes: 2 })).toContain("non-target term 'beta' is 0")
    expect(warning!({ classes: 3 })).toBeUndefined()
  })
})

it("label smoothing is cross-entropy with a share of the label spread", async () => {
  const [smoothed, plain] = [await decode("label-smoothing"), await decode("cross-entropy")]
  const uniform = await values(({ student }) =>
    plain.of({ student, labels: tf.fill(student.shape, 0.25), targets: [] }),
  )
  close(
    await values(smoothed.of),
    (await values(plain.of)).map((v, i) => 0.9 * v + 0.1 * uniform[i]!),
    6,
  )
})

describe.each(selfLosses.map(({ name }) => name))("%s", (name) => {
  const made = decode(name)
  it("is blind to a constant added to the logits of a row", async () => {
    const { of } = await made
    const moved = (rows: Rows) => rows.map((row, i) => row.map((v) => v + 5 * (i + 1)))
    close(await values(of, moved(z), moved(w)), await values(of), 4)
  })
  it("has a gradient of rows that sum to 0, and stays finite for logits far apart", async () => {
    const { of } = await made
    const found = await gradient("student", of)
    for (const row of [found.slice(0, 4), found.slice(4)]) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6)
    const far = [
      [300, -300, 0, 0],
      [0, 200, -200, 0],
    ]
    expect((await values(of, far)).every(Number.isFinite)).toBe(true)
  })
  it("is coupled exactly if a row's loss depends on the other rows", async () => {
    const { of, coupled } = await made
    const together = await values(of)
    const [alone] = await values(of, [z[0]!], [w[0]!], [y[0]!])
    expect(Math.abs(together[0]! - alone!) > 1e-3).toBe(coupled)
  })
})
