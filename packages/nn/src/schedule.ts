/** Learning rates as functions of the step, counted from 0. */

/** From `rate` to 0 along half a cosine: rate (1 + cos(pi t / T)) / 2. */
export const cosine = (rate: number, step: number, steps: number): number =>
  (rate * (1 + Math.cos((Math.PI * step) / steps))) / 2

export const schedules = { constant: (rate: number) => rate, cosine } as const
export type ScheduleName = keyof typeof schedules
