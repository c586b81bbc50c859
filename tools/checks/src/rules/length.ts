/** Files stay short enough to be read in one go. */
import type { Rule } from "../rule.ts"

const most = 600

export const length: Rule = {
  name: "length",
  *check({ files }) {
    for (const [path, text] of files) {
      if (!path.endsWith(".ts")) continue
      const lines = text.split("\n").length - 1
      if (lines > most) yield { path, line: most + 1, message: `${lines} lines, at most ${most}: a concept a file` }
    }
  },
}
