"""Reads relent's exports with the tools they are for: exchange.py EXPORTS."""

import json
import os
import sys
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import numpy as np
from mlflow.tracking import MlflowClient
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

exports = Path(sys.argv[1])
failures = []


def same(what, found, wanted):
    if found != wanted:
        failures.append(f"{what}: {str(found)[:300]} != {str(wanted)[:300]}")


def rounded(points):
    """TensorBoard's values are floats of 32 bits."""
    return [(step, float(np.float32(value))) for step, value in points]


# Weights, against the same table as Parquet would have it: rows of path, shape and bytes.
weights = load_file(exports / "weights.safetensors")
table = {row["path"]: row for row in json.loads((exports / "weights.json").read_text())}
same("names", sorted(weights), sorted(table))
for path, row in table.items():
    same(f"{path} shape", list(weights[path].shape), json.loads(row["shape"]))
    same(f"{path} bytes", list(weights[path].tobytes()), json.loads(row["values"]))
with safe_open(exports / "weights.safetensors", "np") as file:
    metadata = file.metadata()
same("kind", metadata["relent:kind"], "mlp")
# Python's copy of the file is read back by relent.
save_file(weights, exports / "copy.safetensors", metadata)

# Curves, against the tables of metrics.
arms = json.loads((exports / "curves.json").read_text())
logs = {folder.name.split("@")[1]: folder for folder in (exports / "logs").iterdir()}
same("arms of TensorBoard", sorted(logs), sorted(arms))
client = MlflowClient((exports / "mlruns").as_uri())
[experiment] = client.search_experiments()
same("experiment", experiment.name, "training")
runs = {run.info.run_name.split("@")[1]: run for run in client.search_runs([experiment.experiment_id])}
same("arms of MLflow", sorted(runs), sorted(arms))
for arm, rows in arms.items():
    board = EventAccumulator(str(logs[arm]))
    board.Reload()
    same(f"{arm} tags", board.Tags()["scalars"], ["model/loss"])
    run = runs[arm]
    same(f"{arm} status", run.info.status, "FINISHED")
    same(f"{arm} rate", f"learningRate={run.data.params['model.learningRate']}", arm)
    wanted = [(row["step"], row["loss"]) for row in rows]
    same(f"{arm} curve", [(e.step, e.value) for e in board.Scalars("model/loss")], rounded(wanted))
    history = client.get_metric_history(run.info.run_id, "model/loss")
    same(f"{arm} curve in MLflow", sorted((m.step, m.value) for m in history), wanted)

if failures:
    sys.exit("\n".join(failures))
print("safetensors, TensorBoard and MLflow read what relent exports")
