/** What `JSON.parse` lets pass, and other readers don't. */

const colon = /\s*:/y

/** What is wrong with this JSON, which `JSON.parse` reads: a key that an object has twice, or half a surrogate pair. */
export const jsonProblem = (json: string): string | undefined => {
  /** The keys so far of each object that is open; undefined for a list. */
  const open: Array<Set<string> | undefined> = []
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (character === "{") open.push(new Set())
    else if (character === "[") open.push(undefined)
    else if (character === "}" || character === "]") open.pop()
    if (character !== '"') continue
    const start = at
    for (at++; json[at] !== '"'; at++) if (json[at] === "\\") at++
    const text = JSON.parse(json.slice(start, at + 1)) as string
    if (!text.isWellFormed()) return `${JSON.stringify(text)} isn't a text`
    colon.lastIndex = at + 1
    if (!colon.test(json)) continue
    const keys = open.at(-1)!
    if (keys.has(text)) return `it has the key '${text}' twice`
    keys.add(text)
  }
  return undefined
}
