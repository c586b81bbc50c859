/** What `relent new pipeline` writes. */

/** A teacher, students by three divergences, and their scores: a second or two. */
export const pipelineFiles = (name: string): Readonly<Record<string, string>> => ({
  [`${name}.yaml`]: `# A teacher learns to tell two half circles apart; students learn from it on 20 points, by three divergences.
#   relent run ${name}.yaml      runs it; the second time everything comes from the store
#   relent stages              lists the stages; relent stages distillation/distil tells the parameters of one
name: ${name}
seed: 1
plugins: ["@relent/datasets", "@relent/distillation"]
stages:
  data: { stage: datasets/two-moons, with: { rows: 400 } }
  teacher:
    stage: distillation/train-classifier
    in: { data: data.data }
    with: { hidden: [32], steps: 300, learningRate: 0.01 }
  few: { stage: datasets/take, in: { table: data.data }, with: { rows: 20, how: balanced } }
  logits: { stage: distillation/predict, in: { model: teacher.model, data: few.table } }
  student:
    stage: distillation/distil
    in: { data: few.table, teacher: logits.logits }
    with: { hidden: [8], steps: 200, batch: 20, learningRate: 0.01, loss: { kd: { temperature: 2 } } }
  score: { stage: distillation/evaluate, in: { model: student.model, data: data.data } }
  scores: { collect: score.metrics }
# Every value is a run of its own; what doesn't depend on it is computed once.
over:
  student.with.loss.kd.divergence: [kl, reverse-kl, jensen-shannon]
outputs: { scores: scores.table }
`,
})
