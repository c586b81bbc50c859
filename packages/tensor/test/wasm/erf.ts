/**
 * erf x in float64, to 1e-14: below 3 by its series 2 / sqrt(pi) e^(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...), whose terms are all of one
 * sign; above by the continued fraction of 1 - erf x = e^(-x^2) / sqrt(pi) / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))).
 */
export const erf = (x: number): number => {
  const a = Math.abs(x)
  if (!(a < 6)) return Math.sign(x)
  if (a < 3) {
    let [term, sum] = [x, x]
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  let rest = 0
  for (let k = 60; k > 0; k--) rest = k / 2 / (a + rest)
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + rest))
}
