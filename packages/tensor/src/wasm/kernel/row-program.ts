/** Programs of rows, compiled to what `kernels/assembly/program.ts` reads. */
import { isReduction, type Operand, type RowProgram, RowProgramKernel, rowOperations } from "../../op/row-program.ts"
import { float, inOrder, type OwnKernel, type Place, type Shaped } from "../own.ts"
import { Cost, overRows, rooms } from "../share.ts"

const codes = [...Object.keys(rowOperations), "load", "store"]
const VECTOR = 16
/** Room for single numbers, constants among them: 64, four times each. */
const SINGLES = 64 * VECTOR

interface Compiled {
  /** Four numbers an instruction. */
  readonly code: Int32Array
  readonly constants: Float32Array
  /** How many rows are kept at once. */
  readonly rows: number
  /** Whether the result is one, or a single number. */
  readonly wide: boolean
}

const constantsOf = ({ steps }: RowProgram): ReadonlyArray<number> => [
  ...new Set(steps.flatMap(({ operands }) => operands.filter((operand) => typeof operand === "number"))),
]

/** For inputs of which these are rows; the others are single numbers. */
const compile = (program: RowProgram, wide: ReadonlyArray<boolean>): Compiled => {
  const { inputs, steps } = program
  const constants = constantsOf(program)
  const lastUse = new Map<number, number>()
  for (const [i, { operands }] of steps.entries())
    for (const operand of operands) if (typeof operand !== "number") lastUse.set(operand.value, i)
  let [singles, rows] = [constants.length, 0]
  const free: Array<number> = []
  /** Registers of rows have even numbers, those of single numbers odd ones. */
  const take = (wide: boolean) => (wide ? 2 * (free.pop() ?? rows++) : 2 * singles++ + 1)
  const isRow = (register: number) => register % 2 === 0
  const registers: Array<number> = []
  const registerOf = (operand: Operand) =>
    typeof operand === "number" ? 2 * constants.indexOf(operand) + 1 : registers[operand.value]!
  const code: Array<number> = []
  const write = (name: string, one: number, two: number, to: number) => code.push(codes.indexOf(name), one, two, to)
  for (let i = 0; i < inputs; i++) {
    registers.push(take(wide[i]!))
    if (lastUse.has(i)) write("load", i, 0, registers[i]!)
  }
  for (const [i, { operation, operands }] of steps.entries()) {
    const [one, two = 1] = operands.map(registerOf) as [number, number?]
    for (const operand of new Set(operands.map((operand) => (typeof operand === "number" ? -1 : operand.value))))
      if (lastUse.get(operand) === i && isRow(registers[operand]!)) free.push(registers[operand]! / 2)
    const whole = isRow(one) || isRow(two)
    if (isReduction(operation) && !whole) {
      registers.push(one) // of a single number nothing is summed up
      continue
    }
    const result = take(whole && !isReduction(operation))
    write(operation, one, two, result)
    registers.push(result)
  }
  write("store", registers.at(-1)!, 0, 0)
  return { code: Int32Array.from(code), constants: Float32Array.from(constants), rows, wide: isRow(registers.at(-1)!) }
}

/** Those that were asked for. */
const known = new WeakMap<RowProgram, Map<string, Compiled>>()

const compiledFor = (program: RowProgram, inputs: ReadonlyArray<Shaped>) => {
  const length = inputs[0]!.shape.at(-1)!
  const wide = inputs.map(({ shape }) => length > 1 && shape.at(-1) === length)
  const forms = known.get(program) ?? new Map<string, Compiled>()
  known.set(program, forms)
  const form = forms.get(wide.join()) ?? compile(program, wide)
  forms.set(wide.join(), form)
  return form
}

type Name = "x0" | "x1" | "x2" | "x3"
const listed = <T>({ x0, x1, x2, x3 }: { readonly [name in Name]?: T }) =>
  [x0, x1, x2, x3].filter((x) => x !== undefined)

export const rowProgram: OwnKernel<Name, { readonly program: RowProgram }> = {
  kernel: RowProgramKernel,
  why: "one pass over rows in the cache instead of some twenty operations",
  outputs: (inputs, { program }) => {
    const all = listed<Shaped>(inputs)
    const { shape } = all[0]!
    return [float(compiledFor(program, all).wide ? shape : [...shape.slice(0, -1), 1])]
  },
  bind: (machine, inputs, [out], { program }) => {
    const all = listed<Place>(inputs)
    const form = compiledFor(program, all)
    const { constants } = form
    const [code, steps] = [machine.keep(form.code), form.code.length / 4]
    const size = SINGLES + form.rows * Math.ceil(all[0]!.shape.at(-1)! / 4) * VECTOR
    const given = machine.scratch(machine.threads * size + constants.byteLength) + machine.threads * size
    const room = rooms(machine, size)
    const bits = new Int32Array(constants.buffer)
    const run = overRows(machine, all[0]!, steps * Cost.computed, (at, sizes) => {
      const [x0 = 0, x1 = 0, x2 = 0, x3 = 0] = all.map(at)
      return ["rowProgram", code, steps, given, constants.length, x0, x1, x2, x3, at(out!), ...sizes, room()]
    })
    return inOrder([() => machine.integers(given, bits.length).set(bits), run])
  },
}
