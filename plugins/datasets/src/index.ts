/** Real and synthetic data sets, the user's own, and parts of them. */
import { Plugin } from "@relent/stage"

export { Classes } from "./assemble/labels.ts"
export { Standardisation } from "./assemble/standardisation.ts"
export { Vocabulary } from "./bag-of-words/vocabulary.ts"
export { Images, Mails, Passages, Points, Posterior, Regression, Weather } from "./schemas.ts"

export const plugin = Plugin.make("datasets", {
  title: "Data sets, your own, real and synthetic, and parts of them",
  module: import.meta.url,
  stages: {
    mnist: () => import("./mnist.ts").then((m) => m.mnist),
    "boston-housing": () => import("./boston-housing.ts").then((m) => m.bostonHousing),
    "seattle-weather": () => import("./seattle-weather.ts").then((m) => m.seattleWeather),
    "two-moons": () => import("./two-moons.ts").then((m) => m.twoMoons),
    "gaussian-mixture": () => import("./gaussian-mixture.ts").then((m) => m.gaussianMixture),
    text: () => import("./text.ts").then((m) => m.text),
    "state-of-the-union": () => import("./state-of-the-union.ts").then((m) => m.stateOfTheUnion),
    "spam-assassin": () => import("./spam-assassin.ts").then((m) => m.spamAssassin),
    "read-table": () => import("./read-table.ts").then((m) => m.readTable),
    "read-model": () => import("./read-model.ts").then((m) => m.readModel),
    assemble: () => import("./assemble.ts").then((m) => m.assemble),
    "bag-of-words": () => import("./bag-of-words.ts").then((m) => m.bagOfWords),
    take: () => import("./take.ts").then((m) => m.take),
    split: () => import("./split.ts").then((m) => m.split),
  },
})
