/** Pictures that tables bring along, as Vega-Lite specifications of their rows. */
const chart = (specification: object) => ({ metadata: { "relent:chart": JSON.stringify(specification) } })
const number = (field: string, title: string) => ({ field, type: "quantitative", title })

/** The unit circle, inside which what is linear decays. */
const circle = {
  data: { sequence: { start: 0, stop: 6.3, step: 0.05, as: "angle" } },
  transform: [
    { calculate: "cos(datum.angle)", as: "real" },
    { calculate: "sin(datum.angle)", as: "imaginary" },
  ],
  mark: { type: "line", opacity: 0.5, strokeDash: [4, 4], strokeWidth: 1 },
  encoding: { order: { field: "angle" } },
}

/** Of `Eigenvalues`. */
export const eigenvalueChart = chart({
  description:
    "Eigenvalues of the operator in the complex plane; on the dashed circle what is linear neither grows nor decays.",
  height: 320,
  encoding: { x: number("real", "real part"), y: number("imaginary", "imaginary part") },
  layer: [
    circle,
    {
      mark: { type: "point", filled: true, size: 60, opacity: 0.8 },
      encoding: {
        color: { field: "member", type: "nominal" },
        tooltip: ["member", "index", "real", "imaginary", "modulus"].map((field) => ({ field })),
      },
    },
  ],
})

/** Of `Portrait`. */
export const portraitChart = chart({
  description:
    "Trajectories as they were and as they are predicted from their first state, in the plane of two coordinates.",
  height: 320,
  mark: { type: "line", point: { size: 12 } },
  encoding: {
    x: number("x", "first coordinate"),
    y: number("y", "second coordinate"),
    order: { field: "step" },
    color: { field: "trajectory", type: "nominal" },
    strokeDash: { field: "kind", type: "nominal", sort: ["true", "predicted"], legend: { symbolType: "stroke" } },
    tooltip: ["trajectory", "kind", "step", "x", "y"].map((field) => ({ field })),
  },
})

/** Of `InformationPlane`. */
export const informationPlaneChart = chart({
  description:
    "What the bottleneck of each member keeps of the inputs, and of the targets, by normalised mutual information.",
  height: 240,
  mark: { type: "point", filled: true, size: 70 },
  encoding: {
    x: number("ofInputs", "kept of the inputs"),
    y: number("ofTargets", "kept of the targets"),
    tooltip: ["member", "ofInputs", "ofTargets", "hsicOfInputs", "hsicOfTargets"].map((field) => ({ field })),
  },
})
