/** What `relent new plugin` writes: an npm package with a stage, a divergence and a pipeline. */
import { stageCode } from "./stage.ts"

const manifest = (name: string, relent: string, effect: string) => ({
  name: `relent-${name}`,
  version: "0.1.0",
  type: "module",
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
  files: ["dist", "src", "pipelines"],
  scripts: { build: "tsc", prepack: "tsc", test: `relent run pipelines/${name}.yaml --check` },
  dependencies: {
    "@relent/arrow": `^${relent}`,
    "@relent/divergence": `^${relent}`,
    "@relent/stage": `^${relent}`,
    effect,
  },
  devDependencies: { "@relent/runner": `^${relent}`, "@types/node": "^22", typescript: "^7.0.2" },
})

const tsconfig = {
  compilerOptions: {
    target: "es2024",
    lib: ["es2024"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    declaration: true,
    rootDir: "src",
    outDir: "dist",
  },
  include: ["src"],
}

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`

export const pluginFiles = (name: string, relent: string, effect: string): Readonly<Record<string, string>> => ({
  [`${name}/package.json`]: json(manifest(name, relent, effect)),
  [`${name}/tsconfig.json`]: json(tsconfig),
  [`${name}/.gitignore`]: "node_modules/\ndist/\n.relent/\n",
  [`${name}/src/index.ts`]: `/** The plugin's table of contents: what it names is imported when it is first asked for. */
import { Plugin } from "@relent/stage"

export const plugin = Plugin.make("${name}", {
  title: "Stages and divergences of my own",
  module: import.meta.url,
  stages: { count: () => import("./count.ts").then((m) => m.count) },
  values: () => import("./le-cam.ts").then((m) => [m.leCam]),
})
`,
  [`${name}/src/count.ts`]: stageCode(name),
  [`${name}/src/le-cam.ts`]: `/** A divergence of one's own: one convex function of u = target / model with f(1) = 0. */
import { Divergence } from "@relent/divergence"

/** Le Cam's: f(u) = (u - 1)^2 / (u + 1). */
export const leCam = Divergence.define(import.meta.url, "${name}/le-cam", 1, {
  f: (u, { add, sub, div, pow }) => div(pow(sub(u, 1), 2), add(u, 1)),
})
`,
  [`${name}/pipelines/${name}.yaml`]: `name: ${name}
seed: 1
plugins: ["@relent/datasets", "@relent/distillation", ../src/index.ts]
stages:
  data: { stage: datasets/two-moons, with: { rows: 200 } }
  count: { stage: ${name}/count, in: { data: data.data } }
  teacher: { stage: distillation/train-classifier, in: { data: data.data }, with: { hidden: [16], steps: 100 } }
  logits: { stage: distillation/predict, in: { model: teacher.model, data: data.data } }
  student:
    stage: distillation/distil
    in: { data: data.data, teacher: logits.logits }
    with: { hidden: [8], steps: 100, loss: { kd: { divergence: ${name}/le-cam } } }
  score: { stage: distillation/evaluate, in: { model: student.model, data: data.data } }
outputs: { counts: count.counts, score: score.metrics }
`,
  [`${name}/README.md`]: `# relent-${name}

\`\`\`sh
npm install
npx relent run pipelines/${name}.yaml
npx relent stages ${name}/count --plugin src/index.ts
npx relent divergences ${name}/le-cam --plugin src/index.ts
\`\`\`

\`npm run build\` makes \`dist/\`, which is what another package that lists \`relent-${name}\` among its plugins gets.
`,
})
