/**
 * What the windows of a convolution see of images `[n, height, width, channels]`, as a matrix of places by taps that is never written
 * down: its parts are packed for the inner loop from where they lie. Images have their border: no window reaches beyond.
 */

/** Places lie `down * across` to an image; taps in runs of contiguous floats, `runs` to a row of the window. Strides are bytes. */
@unmanaged
export class Window {
  /** The place that is the first row of the matrix. */
  first: i32
  image: usize
  down: i32
  across: i32
  imageStride: usize
  downStride: usize
  acrossStride: usize
  run: i32
  runs: i32
  rowStride: usize
  runStride: usize

  /** Where what a place sees begins. */
  at(place: i32): usize {
    const row = place / this.across
    const image = row / this.down
    return (
      this.image +
      <usize>image * this.imageStride +
      <usize>(row - image * this.down) * this.downStride +
      <usize>(place - row * this.across) * this.acrossStride
    )
  }

  /** How far from there a tap is. */
  offset(tap: i32): usize {
    const run = tap / this.run
    const row = run / this.runs
    return (
      <usize>row * this.rowStride +
      <usize>(run - row * this.runs) * this.runStride +
      ((<usize>(tap - run * this.run)) << 2)
    )
  }
}

/** Six runs, step by step. */
function six(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, steps: i32, to: usize): void {
  let k = 0
  if (p1 == p0 + 4 && p2 == p0 + 8 && p3 == p0 + 12 && p4 == p0 + 16 && p5 == p0 + 20) {
    for (; k < steps; k++) {
      v128.store(to, v128.load(p0))
      store<u64>(to, load<u64>(p0, 16), 16)
      p0 += 4
      to += 24
    }
    return
  }
  for (; k + 4 <= steps; k += 4) {
    const at = (<usize>k) << 2
    const r0 = v128.load(p0 + at)
    const r1 = v128.load(p1 + at)
    const r2 = v128.load(p2 + at)
    const r3 = v128.load(p3 + at)
    const r4 = v128.load(p4 + at)
    const r5 = v128.load(p5 + at)
    const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    const low = v128.shuffle<f32>(r4, r5, 0, 4, 1, 5)
    const high = v128.shuffle<f32>(r4, r5, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<i64>(t0, t2, 0, 2))
    v128.store_lane<u64>(to, low, 0, 16)
    v128.store(to, v128.shuffle<i64>(t0, t2, 1, 3), 24)
    v128.store_lane<u64>(to, low, 1, 40)
    v128.store(to, v128.shuffle<i64>(t1, t3, 0, 2), 48)
    v128.store_lane<u64>(to, high, 0, 64)
    v128.store(to, v128.shuffle<i64>(t1, t3, 1, 3), 72)
    v128.store_lane<u64>(to, high, 1, 88)
    to += 96
  }
  for (; k < steps; k++) {
    const at = (<usize>k) << 2
    store<f32>(to, load<f32>(p0 + at))
    store<f32>(to, load<f32>(p1 + at), 4)
    store<f32>(to, load<f32>(p2 + at), 8)
    store<f32>(to, load<f32>(p3 + at), 12)
    store<f32>(to, load<f32>(p4 + at), 16)
    store<f32>(to, load<f32>(p5 + at), 20)
    to += 24
  }
}

/** Panels of 6 places, of taps from `tap` on: `[places / 6][steps][6]`. Beyond the last place it is repeated. */
export function packPlaces(window: Window, place: i32, places: i32, tap: i32, steps: i32, to: usize): void {
  if (steps == 0) return
  place += window.first
  const firstRun = tap / window.run
  const within = tap - firstRun * window.run
  const column = firstRun % window.runs
  const start = <usize>(firstRun / window.runs) * window.rowStride
  const toRow = window.downStride - <usize>window.across * window.acrossStride
  const toImage = window.imageStride - <usize>window.down * window.downStride
  let p = window.at(place)
  let x = place % window.across
  let y = (place / window.across) % window.down
  for (let left = places; left > 0; left -= 6) {
    // Where the six begin: kept where the first of them will be packed.
    for (let j = 0; j < 6; j++) {
      store<usize>(to + ((<usize>j) << 2), p)
      if (j + 1 >= left) continue
      p += window.acrossStride
      if (++x < window.across) continue
      x = 0
      p += toRow
      if (++y < window.down) continue
      y = 0
      p += toImage
    }
    const p0 = load<usize>(to)
    const p1 = load<usize>(to, 4)
    const p2 = load<usize>(to, 8)
    const p3 = load<usize>(to, 12)
    const p4 = load<usize>(to, 16)
    const p5 = load<usize>(to, 20)
    let row = start
    let run = column
    let skip = within
    for (let k = steps; k > 0;) {
      const length = min(window.run - skip, k)
      const at = row + <usize>run * window.runStride + ((<usize>skip) << 2)
      six(p0 + at, p1 + at, p2 + at, p3 + at, p4 + at, p5 + at, length, to)
      to += <usize>length * 24
      k -= length
      skip = 0
      if (++run < window.runs) continue
      run = 0
      row += window.rowStride
    }
  }
}

/** The same turned round: panels of 6 taps, of places from `place` on: `[taps / 6][steps][6]`. */
export function packTaps(window: Window, tap: i32, taps: i32, place: i32, steps: i32, to: usize): void {
  if (steps == 0) return
  const toRow = window.downStride - <usize>window.across * window.acrossStride
  const toImage = window.imageStride - <usize>window.down * window.downStride
  const begin = window.at(place)
  const column = place % window.across
  const row = (place / window.across) % window.down
  const last = tap + taps - 1
  for (; tap <= last; tap += 6) {
    const o0 = window.offset(tap)
    const o1 = window.offset(min(tap + 1, last))
    const o2 = window.offset(min(tap + 2, last))
    const o3 = window.offset(min(tap + 3, last))
    const o4 = window.offset(min(tap + 4, last))
    const o5 = window.offset(min(tap + 5, last))
    const contiguous = o1 == o0 + 4 && o2 == o0 + 8 && o3 == o0 + 12 && o4 == o0 + 16 && o5 == o0 + 20
    let p = begin
    let x = column
    let y = row
    for (let k = steps; k > 0;) {
      const length = min(window.across - x, k)
      for (let j = 0; j < length; j++) {
        if (contiguous) {
          v128.store(to, v128.load(p + o0))
          store<u64>(to, load<u64>(p + o0, 16), 16)
        } else {
          store<f32>(to, load<f32>(p + o0))
          store<f32>(to, load<f32>(p + o1), 4)
          store<f32>(to, load<f32>(p + o2), 8)
          store<f32>(to, load<f32>(p + o3), 12)
          store<f32>(to, load<f32>(p + o4), 16)
          store<f32>(to, load<f32>(p + o5), 20)
        }
        p += window.acrossStride
        to += 24
      }
      k -= length
      x = 0
      p += toRow
      if (++y < window.down) continue
      y = 0
      p += toImage
    }
  }
}
