import { readFileSync } from "node:fs"
import { join } from "node:path"
import { createTree } from "@nx/devkit/testing"
import { expect, it } from "vitest"
import { namedIn } from "../src/dependencies.ts"
import { pluginGenerator } from "../src/generators/plugin.ts"
import { stageGenerator } from "../src/generators/stage.ts"

/** A tree with these files of the workspace. */
const treeWith = (...paths: ReadonlyArray<string>) => {
  const tree = createTree()
  for (const path of [".oxfmtrc.json", ...paths])
    tree.write(path, readFileSync(join(import.meta.dirname, "../../..", path)))
  return tree
}
const index = "plugins/datasets/src/index.ts"
const readme = "plugins/datasets/README.md"

it("a stage goes to the end of an existing index and of the list in the README", async () => {
  const tree = treeWith(index, readme)
  const before = (path: string) => readFileSync(join(import.meta.dirname, "../../..", path), "utf8")
  await stageGenerator(tree, { plugin: "datasets", name: "rings" })
  const line = '    rings: () => import("./rings.ts").then((m) => m.rings),\n'
  expect(tree.read(index, "utf8")).toBe(before(index).replace("  },\n})", `${line}  },\n})`))
  const added = tree
    .read(readme, "utf8")!
    .split("\n")
    .filter((text) => !before(readme).split("\n").includes(text))
  expect(added).toEqual(["- `rings`: rings."])
})

it("what is there, or can't be a name, is refused", async () => {
  const tree = treeWith(index, readme, "plugins/datasets/src/take.ts")
  const stage = (plugin: string, name: string) => stageGenerator(tree, { plugin, name })
  await expect(pluginGenerator(tree, { name: "datasets" })).rejects.toThrow("plugins/datasets is there already")
  await expect(pluginGenerator(tree, { name: "Two_Moons" })).rejects.toThrow("in-kebab-case")
  await expect(stage("datasets", "take")).rejects.toThrow("take.ts is there already")
  await expect(stage("datasets", "delete")).rejects.toThrow("a word of TypeScript")
  await expect(stage("dataset", "take")).rejects.toThrow("no plugin 'dataset'; there is datasets")
})

it("a document names the plugins of its stages and values, and packages it lists", () => {
  const text = `plugins: ["@relent/datasets", ./mine.ts]
stages:
  a: { stage: rlhf/tiny, with: { loss: { distillation/kd: { divergence: kl } }, schedule: nn/cosine } }
over: { a.with.loss: [b/c] }
`
  expect([...namedIn(text)].toSorted()).toEqual(["b", "datasets", "distillation", "nn", "rlhf"])
})
