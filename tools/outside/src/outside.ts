/**
 * relent outside the workspace: builds and packs the packages, installs them with npm in an empty project, and uses
 * `npx relent` there as a new user would, with a stage and a divergence of their own in TypeScript.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"

const root = join(import.meta.dirname, "../../..")
const folder = mkdtempSync(join(tmpdir(), "relent outside "))
const [packed, project] = [join(folder, "packed"), join(folder, "project")]

/** The workspace's Node before any other, and nothing of how this script was started. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|NODE_PATH|INIT_CWD|VITEST)/i.test(name)),
  ),
  PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
  NO_COLOR: "1",
}

interface Wanted {
  readonly in?: string
  readonly code?: number
  /** What standard output and error hold. */
  readonly says?: RegExp
}

const fail = (message: string): never => {
  console.error(`${message}\n  the project is kept in ${project}`)
  process.exit(1)
}

/** Runs a command and holds it to what is wanted. */
const run = (command: string, words: ReadonlyArray<string>, { in: cwd = project, code = 0, says }: Wanted = {}) => {
  const begin = Date.now()
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, env, encoding: "utf8", timeout: 300_000 })
  const text = `${stdout}${stderr}`
  const line = `${command} ${words.join(" ")}`.replaceAll(`${folder}/`, "")
  if (status !== code) fail(`${line}\n${text}\nended with ${status}, wanted ${code}`)
  if (says !== undefined && !says.test(text)) fail(`${line}\n${text}\ndoesn't say ${String(says)}`)
  console.log(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${line.slice(0, 100)}`)
  return stdout
}
const relent = (words: string, wanted: Wanted = {}) => run("npx", ["relent", ...words.split(" ")], wanted)

const pack = () => {
  const bin = join(root, "node_modules/.bin")
  run(join(bin, "nx"), ["run-many", "-t", "build", "--outputStyle=static"], { in: root })
  const own = ["packages", "plugins", "apps"].flatMap((part) => ["--filter", `./${part}/*`])
  const words = ["-r", ...own, "pack", "--pack-destination", packed]
  // The pnpm that started this script, if one did.
  const pnpm = process.env["npm_execpath"]
  if (pnpm === undefined) run("npx", ["-y", "pnpm@12", ...words], { in: root })
  else if (/\.[cm]?js$/.test(pnpm)) run(process.execPath, [pnpm, ...words], { in: root })
  else run(pnpm, words, { in: root })
  return readdirSync(packed).map((name) => join(packed, name))
}

const install = (tarballs: ReadonlyArray<string>) =>
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", ...tarballs])

/** A plugin of the user's, first by path, then as a package of its own. */
const ownPlugin = () => {
  relent("new plugin mine")
  const mine = join(project, "mine")
  const tsc = join(root, "node_modules/.bin/tsc")
  run(tsc, ["-p", "tsconfig.json"], { in: mine })
  relent("run mine/pipelines/mine.yaml", { says: /finished: 6 computed, 0 cached/ })
  relent("run mine/pipelines/mine.yaml", { says: /finished: 0 computed, 6 cached/ })
  relent("run pipelines/mine.yaml --store ../again", { in: mine, says: /finished: 6 computed/ })
  relent("stages mine/count --plugin mine/src/index.ts", { says: /labels with fewer rows/ })
  relent("divergences mine/le-cam --plugin mine/src/index.ts", { says: /bound f\(0\) \+ f'\(inf\) +2/ })
  run("npm", ["pack", "--ignore-scripts", "--loglevel=error"], { in: mine })
  install([join(mine, "relent-mine-0.1.0.tgz")])
  const document = `name: packaged\nseed: 1\nplugins: [relent-mine]\nstages:\n  data: {stage: datasets/two-moons, with: {rows: 10}}\n  count: {stage: mine/count, in: {data: data.data}}\n`
  writeFileSync(join(project, "packaged.yaml"), document)
  relent("run packaged.yaml", { says: /count\.counts {2}2 rows/ })
}

/** A Node on the path that is too old is told so in one line. */
const oldNode = () => {
  const old = (process.env["PATH"] ?? "").split(delimiter).find((part) => {
    const { stdout } = spawnSync(join(part, "node"), ["-p", "process.versions.node"], { encoding: "utf8" })
    return stdout && Number(stdout.split(".")[0]) < 22
  })
  if (old === undefined) return console.log("   no old Node on the path to try")
  const bin = "node_modules/@relent/runner/bin/relent.js"
  run(join(old, "node"), [bin, "--help"], { code: 1, says: /^relent needs Node 22\.18 or newer; this is [\d.]+\.\n$/ })
}

mkdirSync(packed)
mkdirSync(project)
writeFileSync(join(project, "package.json"), '{"private": true, "type": "module"}\n')
install(pack())
relent("--version", { says: /^\d+\.\d+\.\d+\n$/ })
relent("new pipeline first")
relent("run first.yaml", { says: /finished: 11 computed/ })
relent("new stage own")
relent("run own.yaml", { says: /count\.counts|counts {2}2 rows/ })
ownPlugin()
relent("suite run no.yaml", { code: 1, says: /there is no such file/ })
oldNode()
rmSync(folder, { recursive: true, force: true })
console.log("relent works outside the workspace")
