/** What operations took while a step ran one by one, by their names. */
export interface Spent {
  readonly count: number
  readonly ms: number
}

export class Clock {
  readonly spent = new Map<string, Spent>()
  /** Time of what each of those that run now has called. */
  readonly #inner: Array<number> = []

  /** Times a call, less what it calls that is timed itself. */
  time<A>(name: string, call: () => A): A {
    const begin = performance.now()
    this.#inner.push(0)
    const made = call()
    const whole = performance.now() - begin
    const inner = this.#inner.pop()!
    if (this.#inner.length > 0) this.#inner.push(this.#inner.pop()! + whole)
    const { count, ms } = this.spent.get(name) ?? { count: 0, ms: 0 }
    this.spent.set(name, { count: count + 1, ms: ms + whole - inner })
    return made
  }
}
