/** Runs several commands one after the other, in one plain Node process: `node series.main.ts '[["run", "a.yaml"], ...]'`. */
import { main } from "../src/main.ts"

const commands = JSON.parse(process.argv[2]!) as ReadonlyArray<ReadonlyArray<string>>
const [out, error] = [process.stdout.write.bind(process.stdout), process.stderr.write.bind(process.stderr)]
const ended = []
for (const words of commands) {
  const said = { out: "", error: "" }
  process.stdout.write = (text) => ((said.out += String(text)), true)
  process.stderr.write = (text) => ((said.error += String(text)), true)
  await main(words)
  ended.push({ code: process.exitCode, ...said })
}
Object.assign(process.stdout, { write: out })
Object.assign(process.stderr, { write: error })
process.exitCode = 0
console.log(JSON.stringify(ended))
