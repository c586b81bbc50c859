/** Links of Markdown files lead somewhere; code as a link's text is defined in the file that it leads to. */
import { posix } from "node:path"
import { problemAt, type Problem, type Rule } from "../rule.ts"

/** What is shown as code isn't a link. */
const withoutFences = (text: string): string =>
  text.replaceAll(/^```[\s\S]*?^```/gm, (fence) => fence.replaceAll(/[^\n]/g, " "))

const link = /\[(?:`([^`\]]+)`|[^\]]*)\]\(([^)\s]+)\)/g

const declared = /^(?:export )?(?:const|function|class|interface|type) (\w+)/gm
const claim = /^ {2}([^\s:]+):/gm

/** The names that a file defines: TypeScript at its top level, a suite its claims; undefined for what defines none. */
const namesIn = (path: string, text: string): ReadonlyArray<string> | undefined => {
  const pattern = path.endsWith(".ts") ? declared : /\/suites\/.+\.yaml$/.test(path) ? claim : undefined
  return pattern && Array.from(text.matchAll(pattern), ([, name]) => name!)
}

export const links: Rule = {
  name: "links",
  *check({ files }): Iterable<Problem> {
    const folders = new Set([...files.keys()].map((path) => posix.dirname(path)))
    for (const [path, text] of files) {
      if (!path.endsWith(".md")) continue
      const prose = withoutFences(text)
      for (const { 1: name, 2: target = "", index } of prose.matchAll(link)) {
        const [place = ""] = target.split("#")
        if (place === "" || /^[a-z]+:/.test(place)) continue
        const to = posix.normalize(posix.join(posix.dirname(path), place))
        const linked = files.get(to)
        if (linked === undefined && !folders.has(to.replace(/\/$/, "")))
          yield problemAt({ path, text }, index, `the link leads to ${to}, which isn't there`)
        else if (linked !== undefined && name !== undefined && namesIn(to, linked)?.includes(name) === false)
          yield problemAt({ path, text }, index, `${to} doesn't define '${name}'`)
      }
    }
  },
}
