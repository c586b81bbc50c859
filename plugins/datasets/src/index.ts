/** Real and synthetic data sets, and parts of them. */
import { Plugin } from "@relent/stage"

export { Images, Points, Posterior } from "./schemas.ts"

export const plugin = Plugin.make("datasets", {
  title: "Data sets, real and synthetic, and parts of them",
  module: import.meta.url,
  stages: {
    mnist: () => import("./mnist.ts").then((m) => m.mnist),
    "two-moons": () => import("./two-moons.ts").then((m) => m.twoMoons),
    "gaussian-mixture": () => import("./gaussian-mixture.ts").then((m) => m.gaussianMixture),
    take: () => import("./take.ts").then((m) => m.take),
    split: () => import("./split.ts").then((m) => m.split),
  },
})
