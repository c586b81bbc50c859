/** How near points are to a target, and how they share its clusters. */
import { kernelDivergences } from "@relent/divergence"
import { orElse, Positive } from "@relent/named"
import { Port, Stage } from "@relent/stage"
import { sigma } from "./parameters.ts"
import { divergenceOf, nearest } from "./points/nearness.ts"
import { clustered, Nearness, points as anyPoints, Shares } from "./tables.ts"

/**
 * Kernel divergences to the target, the share of points `within` a distance of a target point, and the share that each cluster
 * of the target has got; a point belongs to the cluster of the target point nearest to it.
 *
 * @reference yu2024csib
 */
export const evaluatePoints = Stage.make("koopman-ib/evaluate-points", {
  module: import.meta.url,
  title: "Nearness of points to a target, and shares of its clusters",
  parameters: { sigma, distance: orElse(Positive.annotate({ description: "how near counts as within" }), 1) },
  inputs: { target: Port.any(clustered), points: Port.any(anyPoints) },
  outputs: { nearness: Nearness, shares: Shares },
  *run({ parameters: { sigma, distance }, inputs: { target, points } }) {
    const setOf = ({ columns: { x }, length }: typeof points) => ({ values: x, dimension: x.length / length })
    const [wanted, found] = [setOf(target), setOf(points)]
    const cauchySchwarz = yield* divergenceOf(kernelDivergences["cauchy-schwarz"], wanted, found, sigma)
    const mmd = yield* divergenceOf(kernelDivergences.mmd, wanted, found, sigma)
    const { label } = target.columns
    const counts = new Map([...label].toSorted((a, b) => a - b).map((cluster) => [cluster, 0]))
    let within = 0
    for (let i = 0; i < points.length; i++) {
      const [row, away] = nearest(wanted, found, i)
      counts.set(label[row]!, counts.get(label[row]!)! + 1)
      if (away <= distance) within++
    }
    const shares = [...counts].map(([cluster, count]) => ({ cluster, share: count / points.length }))
    return {
      nearness: Nearness.fromRows([{ cauchySchwarz, mmd, within: within / points.length }]),
      shares: Shares.fromRows(shares),
    }
  },
})
