/** CSV and TSV. */
import { Effect } from "effect"
import type { Target } from "../target.ts"
import { damagedText } from "../text.ts"
import { throughStage } from "./file.ts"

const bases = [
  'id,ok,n,big,x,zip,name\n3,true,1,5000000000,1,007,"a, b"\n4,FALSE,-2,1,nan,010,"say ""ä""\n"\n5,,3,2,-1e3,1,\n',
  '\ufeffv;words;name\r\n[1,2];"[""a""]";x\r\n[3,4];[];\r\n',
  "a\tb\n1\t2.5\n-0\t1e-3\n",
]
const words = [
  Array.from(',;\t"\n\r|\\[]{}'),
  ["\r\n", '""', '","', "\ufeff", "\0", " ", "\u{1f600}", "\u2028", "\ud800", '"\n"'],
  ["0", "-0", "007", "+1", "1e400", "-1e-400", "nan", "NaN", "inf", "-Infinity", "true", "FALSE", "0x1f", "1_000", "."],
  [
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "12345678901234567890123",
    "[1,2]",
    "[[1],[2]]",
    "[null]",
  ],
  ["id", "__proto__", "constructor", "length", "toString", "NA"],
].flat()
const columns = {
  n: "nullable int32",
  x: "float32",
  name: "nullable utf8",
  v: "tensor float32[2]",
  words: "list of utf8",
}

export const csv: Target = {
  make: (draws) => damagedText(bases, words, draws),
  read: (bytes) =>
    Effect.runPromise(
      Effect.all({
        csv: throughStage("a.csv", bytes),
        tsv: throughStage("a.tsv", bytes, { missing: ["NA", ""] }),
        semicolons: throughStage("a.csv", bytes, { delimiter: ";", columns: { v: columns.v, words: columns.words } }),
        declared: throughStage("a.csv", bytes, { columns: { n: columns.n, x: columns.x, name: columns.name } }),
      }),
    ),
}
