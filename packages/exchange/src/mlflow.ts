/**
 * A run in MLflow's file store: a folder with `meta.yaml`, and a file for each parameter, metric and tag.
 *
 * @reference mlflow2018tracking
 */
import { createHash } from "node:crypto"
import { stringify } from "yaml"
import type { Tracked } from "./metrics.ts"

/** Files by their path in the store. */
export type Files = { readonly [path: string]: string }

const digits = (text: string, length: number) => createHash("sha256").update(text).digest("hex").slice(0, length)
/** Numbers of an experiment: not 0, which is MLflow's own. */
const experimentId = (name: string) => String((Number.parseInt(digits(name, 12), 16) % 999_999_999_999_999) + 1)

/** MLflow's numbers for how a run ended. */
const statuses = { finished: 3, failed: 4, interrupted: 5 }

/** A key is also the name of a file: what may not be in one becomes `_`. */
const key = (name: string) => name.replaceAll(/[^\w\-. /]/g, "_").replaceAll(/(^|\/)\.{1,2}(?=\/|$)/g, "$1_")

/** A number as Python reads it back. */
const number = (value: number) =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"

/** Texts in quotes: MLflow reads by YAML 1.1, to which more words are numbers. */
const yaml = (value: object) => stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" })

/** The files of a run, below the folder of the store (`mlruns`). The same run always has the same. */
export const mlflowFiles = (tracked: Tracked): Files => {
  const { run, experiment, started, ended, status, parameters, curves } = tracked
  const id = experimentId(experiment)
  const runId = digits(`${experiment}/${run}`, 32)
  const folder = `${id}/${runId}`
  const about = {
    artifact_uri: `mlflow-artifacts:/${folder}/artifacts`,
    end_time: ended,
    entry_point_name: "",
    experiment_id: id,
    lifecycle_stage: "active",
    run_id: runId,
    run_name: run,
    run_uuid: runId,
    source_name: "relent",
    source_type: 4,
    source_version: "",
    start_time: started,
    status: statuses[status],
    tags: [],
    user_id: "relent",
  }
  const project = {
    artifact_location: `mlflow-artifacts:/${id}`,
    creation_time: started,
    experiment_id: id,
    last_update_time: ended,
    lifecycle_stage: "active",
    name: experiment,
  }
  const lines = (curve: Tracked["curves"][number]) =>
    curve.steps.map((step, i) => `${started} ${number(curve.values[i]!)} ${step}\n`).join("")
  return {
    [`${id}/meta.yaml`]: yaml(project),
    [`${folder}/meta.yaml`]: yaml(about),
    // MLflow takes a folder for a run only with one for artifacts.
    [`${folder}/artifacts/relent.txt`]: `relent show ${run}\n`,
    [`${folder}/tags/mlflow.runName`]: run,
    [`${folder}/tags/mlflow.source.name`]: "relent",
    ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`${folder}/params/${key(name)}`, value])),
    ...Object.fromEntries(curves.map((curve) => [`${folder}/metrics/${key(curve.tag)}`, lines(curve)])),
  }
}
