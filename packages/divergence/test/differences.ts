/** The gradient of `f` at `x` by central differences. */
export const differences = (x: ReadonlyArray<number>, f: (x: ReadonlyArray<number>) => number, step = 1e-5) =>
  x.map((xi, i) => (f(x.with(i, xi + step)) - f(x.with(i, xi - step))) / (2 * step))
