/** Trajectories of differential equations. */
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import type { Draws, Source } from "@relent/random"
import { StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { Trajectories } from "../tables.ts"

type State = Float64Array

/** `dx/dt` of a state. */
export type Flow = (x: State) => State

/** A classical Runge–Kutta step of fourth order over a time `h`. @reference none: a textbook method */
export const rungeKutta = (flow: Flow, x: State, h: number): State => {
  const moved = (k: State, by: number) => x.map((v, i) => v + by * k[i]!)
  const k1 = flow(x)
  const k2 = flow(moved(k1, h / 2))
  const k3 = flow(moved(k2, h / 2))
  const k4 = flow(moved(k3, h))
  return x.map((v, i) => v + (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!))
}

/** Parameters of every simulator. */
export const simulation = (defaults: { readonly dt: number; readonly substeps: number }) => ({
  trajectories: orElse(Count, 100),
  steps: orElse(Count.annotate({ description: "states after the first, of each trajectory" }), 60),
  dt: orElse(Positive.annotate({ description: "time between two states" }), defaults.dt),
  substeps: orElse(Count.annotate({ description: "steps of the integrator between two states" }), defaults.substeps),
  noise: orElse(NonNegative.annotate({ description: "deviation of what is added to every observed coordinate" }), 0),
  draw: orElse(Schema.Int.annotate({ description: "other trajectories of the same system: 0 to train, 1 to test" }), 0),
})

interface System {
  readonly flow: Flow
  /** A state to start from. */
  readonly start: (draws: Draws) => State
  /** Time before the first state that is kept, by default none. */
  readonly burnIn?: number
}

interface Options {
  readonly trajectories: number
  readonly steps: number
  readonly dt: number
  readonly substeps: number
  readonly noise: number
  readonly draw: number
}

/** Coordinates uniform in `[-spread, spread]`. */
export const box =
  (features: number, spread: number) =>
  (draws: Draws): State =>
    Float64Array.from({ length: features }, () => spread * (2 * draws.uniform() - 1))

/** Trajectories of a system, seen with noise; one that leaves the finite numbers is an error. */
export const simulate = ({ flow, start, burnIn = 0 }: System, options: Options, random: Source) =>
  Effect.gen(function* () {
    const { trajectories, steps, dt, substeps, noise, draw } = options
    const states: Array<State> = []
    const step = (x: State) => {
      let next = x
      for (let i = 0; i < substeps; i++) next = rungeKutta(flow, next, dt / substeps)
      return next
    }
    for (let t = 0; t < trajectories; t++) {
      const draws = random("noise", draw, t)
      let x = start(random("start", draw, t))
      for (let burnt = 0; burnt < burnIn; burnt += dt) x = step(x)
      for (let s = 0; s <= steps; s++) {
        if (s > 0) x = step(x)
        if (!x.every(Number.isFinite))
          return yield* new StageError({
            message: `trajectory ${t} leaves the finite numbers at step ${s}`,
            hint: "make 'dt' smaller, or 'substeps' larger",
          })
        states.push(noise === 0 ? x : x.map((v) => v + noise * draws.normal()))
      }
    }
    const features = states[0]!.length
    const x = new Float32Array(states.length * features)
    states.forEach((state, i) => x.set(state, i * features))
    const id = Int32Array.from({ length: trajectories }, (_, i) => i)
    return Trajectories.make({ id, x }, { sizes: { steps: steps + 1, features } })
  })
