/** Bugs in BD-KD. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/distillation"

export const bdKd: Flagship = {
  paper: "BD-KD",
  tests: ["bd-kd", "online-bdkd", "gate-fit", "loss"].map((name) => `${plugin}/test/${name}.test.ts`),
  suites: [`${plugin}/suites/bd-kd-gate.yaml`, `${plugin}/suites/bd-kd.yaml`],
  bugs: [
    {
      name: "bd-kd-gap",
      file: `${plugin}/src/loss/bd-kd.ts`,
      kind: "swapped arguments",
      what: "the gate's gap is H(T) - H(S): it sharpens a student that is too sure",
      find: "tf.step(tf.sub(entropy(teacher, entropyTemperature), entropy(student, entropyTemperature)))",
      put: "tf.step(tf.sub(entropy(student, entropyTemperature), entropy(teacher, entropyTemperature)))",
    },
    {
      name: "bd-kd-gate-temperature",
      file: `${plugin}/src/loss/bd-kd.ts`,
      kind: "wrong temperature",
      what: "the gate takes the student's entropy at the divergences' temperature, the teacher's at its own",
      find: "entropy(student, entropyTemperature)",
      put: "entropy(student, temperature)",
    },
    {
      name: "bd-kd-square",
      file: `${plugin}/src/loss/bd-kd.ts`,
      kind: "square missing",
      what: "the divergences are multiplied by t, not by t^2",
      find: "studentWeight * options.temperature ** 2",
      put: "studentWeight * options.temperature",
    },
    {
      name: "bd-kd-teacher-direction",
      file: `${plugin}/src/online-bdkd.ts`,
      kind: "swapped arguments",
      what: "the teacher descends KL(T || S) instead of KL(S || T)",
      find: 'gate: "forward", normaliseWeights: true',
      put: 'gate: "reverse", normaliseWeights: true',
      escaped: "both losses of the pair, compared with the card's formula",
      tests: [`${plugin}/test/online-bdkd.test.ts`],
    },
  ],
}
