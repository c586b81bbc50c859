/**
 * `pnpm planted-bugs [NAME]...`: plants bugs in a copy of the workspace, one at a time, and sees which test or quick suite notices.
 * A name is a bug's or begins a paper's; without names all are planted. What came out is written to `found.md`.
 */
import { scratch } from "@relent/scratch"
import { flagships } from "./bugs/index.ts"
import { failingTest, holds } from "./notice.ts"
import { withBug } from "./plant.ts"
import { rowOf, write } from "./table.ts"

const wanted = process.argv.slice(2)
const isOf = (word: string, paper: string, name: string) =>
  word === name || paper.toLowerCase().startsWith(word.toLowerCase())
const all = flagships.flatMap((flagship) => flagship.bugs.map((bug) => ({ flagship, bug })))
const chosen = all.filter(
  ({ flagship, bug }) => wanted.length === 0 || wanted.some((word) => isOf(word, flagship.paper, bug.name)),
)
const unknown = wanted.find((word) => !all.some(({ flagship, bug }) => isOf(word, flagship.paper, bug.name)))
if (unknown !== undefined) throw new Error(`no bug is named '${unknown}', nor does a paper begin so`)

const { root, remove } = scratch()
process.on("exit", remove)

const sound = new Map<string, boolean>()
/** Suites that hold without bugs: each is asked when it is first needed. */
const isSound = (suite: string): boolean => {
  const known = sound.get(suite) ?? holds(root, suite)
  sound.set(suite, known)
  if (!known) throw new Error(`${suite} doesn't hold without a bug`)
  return known
}

const passing = new Set<string>()
/** Throws unless these tests pass without a bug. */
const checkTests = (tests: ReadonlyArray<string>): void => {
  if (passing.has(tests.join())) return
  const failing = failingTest(root, tests)
  if (failing !== undefined) throw new Error(`without a bug there fails ${failing}`)
  passing.add(tests.join())
}

const rows = new Map<string, string>()
let escaped = 0
for (const { flagship, bug } of chosen) {
  const tests = bug.tests ?? flagship.tests
  checkTests(tests)
  const begin = performance.now()
  const test = withBug(root, bug, () => failingTest(root, tests))
  const suite =
    test === undefined
      ? flagship.suites.find((name) => isSound(name) && !withBug(root, bug, () => holds(root, name)))
      : undefined
  const caughtBy = test ?? (suite === undefined ? undefined : `quick suite ${suite}`)
  if (caughtBy === undefined) escaped++
  rows.set(bug.name, rowOf(flagship, bug, caughtBy))
  const seconds = ((performance.now() - begin) / 1000).toFixed(0).padStart(4)
  console.log(`${seconds} s  ${bug.name.padEnd(26)} ${bug.kind.padEnd(20)} ${caughtBy ?? "NOT CAUGHT"}`)
  write(rows)
}
console.log(`${rows.size - escaped} of ${rows.size} caught`)
process.exitCode = escaped === 0 ? 0 : 1
