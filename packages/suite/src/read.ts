/** Reads a suite, and checks that its claims speak of its arms. */
import { suggest } from "@relent/named"
import { parse, PipelineInvalid, type Problem } from "@relent/stage"
import { Effect, Schema, SchemaIssue } from "effect"
import { SuiteDocument, type Test, type TestKind, testKinds } from "./document.ts"

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()
type Path = ReadonlyArray<PropertyKey>

/** The arms that a test compares. */
export const armsOf = (test: Test): ReadonlyArray<string> =>
  testKinds.flatMap((kind) => (test as { readonly [kind in TestKind]?: string | ReadonlyArray<string> })[kind] ?? [])

/** Reads a suite document; every problem carries its line and column. */
export const readSuite = (text: string, file: string): Effect.Effect<SuiteDocument, PipelineInvalid> =>
  Effect.gen(function* () {
    const source = yield* parse(text, file)
    const problem = (path: Path, message: string): Problem => ({
      step: "",
      path,
      message,
      position: source.position(path),
    })
    const suite = yield* Schema.decodeUnknownEffect(SuiteDocument)(source.value, {
      errors: "all",
      onExcessProperty: "error",
    }).pipe(
      Effect.mapError((error) => {
        const problems = issuesOf(error.issue).issues.map(({ path = [], message }) => problem(path as Path, message))
        return new PipelineInvalid({ problems, file })
      }),
    )
    const arms = Object.keys(suite.arms)
    const problems = Object.entries(suite.claims).flatMap(([name, { test }]) =>
      armsOf(test)
        .filter((arm) => !arms.includes(arm))
        .map((arm) => problem(["claims", name, "test"], `'${arm}': ${suggest(arm, arms, "arm")}`)),
    )
    return problems.length > 0 ? yield* new PipelineInvalid({ problems, file }) : suite
  })
