/** What a terminal shows after a program's output: lines that were drawn over are gone. */

export type Style = "plain" | "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "cyan"

/** A piece of a line in one style. */
export interface Span {
  readonly text: string
  readonly style: Style
}

/** SGR codes that begin a style; all others end it. */
const styles: { readonly [code: string]: Style } = {
  1: "bold",
  2: "dim",
  31: "red",
  32: "green",
  33: "yellow",
  34: "blue",
  36: "cyan",
}

/** What relent writes: text, new lines, styles, n lines up, and everything below erased. */
// oxlint-disable-next-line no-control-regex -- what is read
const token = /\u001b\[(\d*)([AJm])|\r|\n|[^\u001b\r\n]+/g

/** The lines of the screen, of a terminal that is high enough for all of them. */
export const screenOf = (output: string): ReadonlyArray<ReadonlyArray<Span>> => {
  const lines: Array<Array<Span>> = [[]]
  let row = 0
  let style: Style = "plain"
  for (const [whole, count = "", command] of output.matchAll(token)) {
    if (command === "A") row = Math.max(0, row - Number(count || 1))
    else if (command === "J") lines.splice(row, lines.length, [])
    else if (command === "m") style = styles[count] ?? "plain"
    else if (whole === "\n") lines[++row] ??= []
    else if (whole !== "\r") lines[row]!.push({ text: whole, style })
  }
  while (lines.at(-1)?.length === 0) lines.pop()
  return lines
}
