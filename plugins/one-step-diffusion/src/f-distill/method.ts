/** A step of the distillation: updates of the critics one after the other, then one of the generator. */
import { type Parameters, tensorValue } from "@relent/arrow"
import type { At, Gradients, Method, Optimizer, State, Turn } from "@relent/nn"
import { branch, type Tensor, tf, type Tree, within } from "@relent/tensor"
import type { Denoiser } from "../distribution.ts"
import { denoise, denoisingLoss, preconditioning } from "../edm/network.ts"
import { generate, guess } from "../generate.ts"
import type { IsotropicMixture } from "../isotropic-mixture.ts"
import { type Draws, drawn } from "./draws.ts"
import { discriminate, type Networks } from "./networks.ts"
import { finitePart, firstFault, matchingLoss, pullOf, type PullOptions } from "./pull.ts"

export interface Distillation extends PullOptions {
  readonly teacher: IsotropicMixture | Denoiser
  /** The teacher's weights on the device. */
  readonly teacherTree: Tree
  readonly networks: Networks
  readonly optimizer: Optimizer
  readonly draws: Draws
  /** Whether the divergence asks for a ratio. */
  readonly needsRatio: boolean
  /** Of the divergence, and of the discriminator's judgement, in the generator's loss. */
  readonly matchingWeight: number
  readonly ganWeight: number
}

/** Numbers a member that each turn gives, in this order. */
export const criticNumbers = ["fakeLoss", "discriminatorLoss"] as const
export const generatorNumbers = ["loss", "weightVariance", "fault"] as const

/** Losses `[members]`, one for each of these branches of the parameters, and the gradients by the branches. */
const gradientsBy = (names: ReadonlyArray<string>, parameters: Tree, losses: (tree: Tree) => ReadonlyArray<Tensor>) => {
  const paths = Object.keys(parameters).filter((path) => names.some((name) => path.startsWith(`${name}/`)))
  const of = (...tensors: Array<Tensor>) =>
    tf.stack([...losses({ ...parameters, ...Object.fromEntries(paths.map((path, i) => [path, tensors[i]!])) })])
  const dy = tf.ones([names.length, parameters[paths[0]!]!.shape[0]]) // of the sum over losses and members
  const { value, grads } = tf.valueAndGrads(of)(
    paths.map((path) => parameters[path]!),
    dy,
  )
  return { value, gradients: Object.fromEntries(paths.map((path, i) => [path, grads[i]!])) }
}

const meanSoftplus = (logits: Tensor): Tensor => tf.mean(tf.softplus(logits), -1)

/** The fake denoiser follows the student's samples; the discriminator tells them from real ones, both at levels of noise. */
const critic = ({ networks, draws }: Distillation, turn: number): Turn["gradients"] => {
  const { student, fake, discriminator } = networks
  return (parameters, inputs): Gradients => {
    const { z, noise, sigma, real, realNoise, realSigma } = within(`critic${turn}`, inputs) as Tree
    const x = generate(student, within("student", parameters), z!)
    const noisy = tf.add(x, tf.mul(sigma!, noise!))
    const level = preconditioning(sigma!, fake.dataDeviation)
    const other = draws.data && {
      noisy: tf.add(real!, tf.mul(realSigma!, realNoise!)),
      level: preconditioning(realSigma!, fake.dataDeviation),
    }
    const losses = (tree: Tree): ReadonlyArray<Tensor> => {
      const follows = tf.mean(denoisingLoss(fake, within("fake", tree), x, noisy, level), -1)
      if (other === undefined) return [follows]
      const judge = within("discriminator", tree)
      const onFake = meanSoftplus(discriminate(discriminator, judge, noisy, level))
      const onReal = meanSoftplus(tf.neg(discriminate(discriminator, judge, other.noisy, other.level)))
      return [follows, tf.add(onFake, onReal)]
    }
    const names = draws.data === undefined ? ["fake"] : ["fake", "discriminator"]
    const { value, gradients } = gradientsBy(names, parameters, losses)
    return { loss: draws.data === undefined ? tf.concat([value, tf.zerosLike(value)]) : value, gradients }
  }
}

/** The generator descends the divergence: its samples go where the pull says, and where the discriminator takes them for real. */
const generator = (distillation: Distillation): Turn["gradients"] => {
  const { networks, teacher, teacherTree, needsRatio, matchingWeight, ganWeight } = distillation
  const { student, fake, discriminator } = networks
  return (all, inputs): Gradients => {
    const { z, noise, sigma, level: bins } = within("generator", inputs) as Tree
    const level = preconditioning(sigma!, fake.dataDeviation)
    const parameters = withoutSeen(all)
    const judge = within("discriminator", parameters)
    const noisyOf = (x: Tensor) => tf.add(x, tf.mul(sigma!, noise!))
    const x = generate(student, within("student", parameters), z!)
    const noisy = noisyOf(x)
    const byTeacher = guess(teacher, teacherTree, noisy, level)
    const byFake = denoise(fake, within("fake", parameters), noisy, level)
    const logRatio = needsRatio ? discriminate(discriminator, judge, noisy, level) : undefined
    const before = within("seen", all) as Tree
    const given = { x, teacher: byTeacher, fake: byFake, logRatio, level: bins!, means: before["means"]! }
    const { pull, weight, means } = pullOf(distillation, given)
    const held = finitePart(pull)
    const losses = (tree: Tree): ReadonlyArray<Tensor> => {
      const x = generate(student, within("student", tree), z!)
      const matching = tf.mul(matchingWeight, matchingLoss(x, held))
      if (ganWeight === 0) return [matching]
      const judged = meanSoftplus(tf.neg(discriminate(discriminator, judge, noisyOf(x), level)))
      return [tf.add(matching, tf.mul(ganWeight, judged))]
    }
    const { value, gradients } = gradientsBy(["student"], parameters, losses)
    const first = firstFault(byTeacher, byFake, ...(logRatio === undefined ? [] : [logRatio]))
    const isSet = tf.step(tf.add(before["fault"]!, 0.5)) // the first one is kept
    const fault = tf.add(tf.mul(isSet, before["fault"]!), tf.mul(tf.sub(1, isSet), first))
    const mean = tf.mean(weight, -1)
    const variance = tf.sub(tf.div(tf.mean(tf.square(weight), -1), tf.square(mean)), 1)
    const loss = tf.concat([value, tf.stack([variance, fault])])
    return { loss, gradients: { ...gradients, ...branch("seen", { means, fault }) } }
  }
}

const withoutSeen = (tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith("seen/")))

/** Descends in the branches of these names; what the generator has seen is kept as it is given. */
const updates =
  (optimizer: Optimizer, names: ReadonlyArray<string>, turn: number) =>
  ({ parameters, state }: State, gradients: Tree, rates: Tree): State => {
    const next = names.map((name) => {
      const own = [parameters, gradients, state].map((tree) => within(name, tree)) as [Tree, Tree, Tree]
      const made = optimizer.update(...own, within(`turn${turn}`, rates))
      return { parameters: branch(name, made.parameters), state: branch(name, made.state) }
    })
    const seen = Object.fromEntries(Object.entries(gradients).filter(([path]) => path.startsWith("seen/")))
    return {
      parameters: Object.assign({}, parameters, ...next.map((n) => n.parameters), seen) as Tree,
      state: Object.assign({}, state, ...next.map((n) => n.state)) as Tree,
    }
  }

/** Means of ratios before there are any, and no fault. */
const unseen = (members: number, bins: number): Parameters => ({
  means: tensorValue("float32", new Float32Array(members * bins).fill(1), [members, bins]),
  fault: tensorValue("float32", new Float32Array(members).fill(-1), [members]),
})

/** The method of the training loop: parameters `student/...`, `fake/...`, `discriminator/...` and what is `seen/...`. */
export const distillation = (options: Distillation): Method => {
  const { networks, optimizer, draws } = options
  const { critics } = draws
  const names = draws.data === undefined ? ["fake"] : ["fake", "discriminator"]
  return {
    start: { ...networks.start, ...branch("seen", unseen(networks.fake.members, draws.bins)) },
    init: (parameters) =>
      Object.assign({}, ...["student", ...names].map((name) => branch(name, optimizer.init(within(name, parameters))))),
    rates: ({ step, learningRate }: At) => {
      const at = (turn: number, step: number) => branch(`turn${turn}`, optimizer.rates({ step, learningRate }))
      const turns = Array.from({ length: critics }, (_, turn) => at(turn, (step - 1) * critics + turn + 1))
      return Object.assign({}, ...turns, at(critics, step))
    },
    inputs: (_, batch) => drawn(batch, draws),
    turns: [
      ...Array.from({ length: critics }, (_, turn) => ({
        gradients: critic(options, turn),
        update: updates(optimizer, names, turn),
      })),
      { gradients: generator(options), update: updates(optimizer, ["student"], critics) },
    ],
  }
}
