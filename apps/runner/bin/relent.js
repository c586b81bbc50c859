#!/usr/bin/env node
// Plain JavaScript that an old Node can read, so that it can say what is needed.
const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`relent needs Node 22.18 or newer; this is ${process.versions.node}.`)
  process.exitCode = 1
} else {
  // Node announces its SQLite and its type stripping as experimental; people who run pipelines needn't know.
  process.removeAllListeners("warning")
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") console.error(`${warning.name}: ${warning.message}`)
  })
  void import("node:module")
    .then(({ enableCompileCache }) => enableCompileCache())
    .then(() => import("node:fs"))
    .then(({ existsSync }) => {
      const source = new URL("../src/main.ts", import.meta.url)
      const isSource = existsSync(source) && !import.meta.url.includes("/node_modules/")
      return import(isSource ? source.href : new URL("../dist/main.js", import.meta.url).href)
    })
    .then(({ main }) => main(process.argv.slice(2)))
}
