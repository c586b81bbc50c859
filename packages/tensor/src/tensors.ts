/** Lifetimes: tensors belong to an owner, which disposes of them when its scope closes. */
import { Effect, type Scope } from "effect"
import { TensorLeak } from "./error.ts"
import { type Tensor, type TensorContainer, tf } from "./tf.ts"

/**
 * A list of tensors that may live across an `await` or a `yield*`. The library's own scopes (`tf.tidy`) are one global
 * stack: they are right inside one synchronous function, and wrong as soon as two fibers take turns.
 */
export class Owner {
  readonly #tensors = new Set<Tensor>()

  /** Runs synchronous tensor code: what it returns is owned, every other tensor that it made is disposed of. */
  compute<T extends TensorContainer>(f: () => T): T {
    return this.own(tf.tidy(f))
  }

  /** Takes tensors made elsewhere, alone or inside plain objects and arrays. */
  own<T extends TensorContainer>(tensors: T): T {
    for (const tensor of inside(tensors)) this.#tensors.add(tf.keep(tensor))
    return tensors
  }

  /** Disposes of some tensors before the end. */
  release(tensors: TensorContainer): void {
    for (const tensor of inside(tensors)) {
      this.#tensors.delete(tensor)
      tensor.dispose()
    }
  }

  /** Hands tensors over to the caller: they outlive this owner. */
  disown(tensors: TensorContainer): void {
    for (const tensor of inside(tensors)) this.#tensors.delete(tensor)
  }

  /** How many tensors are owned now. */
  get size(): number {
    return this.#tensors.size
  }

  /** Disposes of all of them. */
  close(): void {
    for (const tensor of this.#tensors) tensor.dispose()
    this.#tensors.clear()
  }
}

const inside = (tensors: TensorContainer): ReadonlyArray<Tensor> => {
  if (tensors instanceof tf.Tensor) return [tensors]
  if (typeof tensors !== "object" || tensors === null || ArrayBuffer.isView(tensors)) return []
  return Object.values(tensors).flatMap((part) => inside(part))
}

/** An owner that is closed with the scope, however that ends. */
const scoped: Effect.Effect<Owner, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => new Owner()),
  (owner) => Effect.sync(() => owner.close()),
)

/** Tensors alive in this process. */
const count = (): number => tf.memory().numTensors

/** Runs an effect, and dies with a `TensorLeak` if there are more tensors after than before. For tests. */
const leakFree = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const before = count()
    const result = yield* effect
    const after = count()
    return after > before ? yield* Effect.die(new TensorLeak({ before, after })) : result
  })

export const Tensors = { scoped, count, leakFree }
