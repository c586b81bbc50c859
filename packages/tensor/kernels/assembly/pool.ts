/** Pools and their gradients, four channels at a time. A window sees the cells of its that lie inside the image, row by row. */
import { Geometry } from "./geometry"
import { Lanes } from "./lanes"

/** What is made of the cells of a window. There is never an object of it: the type chooses the method. */
abstract class Fold {
  abstract start(): v128
  abstract of(a: v128, b: v128): v128
  abstract end(a: v128, cells: i32): v128
}
/** NaN left out, as in the library. */
class Largest extends Fold {
  @inline start(): v128 {
    return f32x4.splat(-Infinity)
  }
  @inline of(a: v128, b: v128): v128 {
    return f32x4.pmax(a, b)
  }
  @inline end(a: v128, _: i32): v128 {
    return a
  }
}
class Mean extends Fold {
  @inline start(): v128 {
    return f32x4.splat(0)
  }
  @inline of(a: v128, b: v128): v128 {
    return f32x4.add(a, b)
  }
  @inline end(a: v128, cells: i32): v128 {
    return f32x4.div(a, f32x4.splat(<f32>cells))
  }
}

abstract class Cells {
  /** Of `height` times `width` cells from one on, four channels of each or what is left of them. */
  @inline static of<F extends Fold>(
    from: usize,
    height: i32,
    width: i32,
    line: usize,
    pixel: usize,
    channels: i32,
  ): v128 {
    const f = changetype<F>(0)
    let a = f.start()
    for (let u = height; u > 0; u--) {
      let cell = from
      for (let v = width; v > 0; v--) {
        a = f.of(a, Lanes.load(cell, channels))
        cell += pixel
      }
      from += line
    }
    return f.end(a, max(height, 0) * max(width, 0))
  }
}

function fold<F extends Fold>(x: usize, out: usize, geometry: Geometry, first: i32, rows: i32): void {
  const channels = geometry.channels
  const across = geometry.across
  const pixel = geometry.pixel
  const line = geometry.line
  for (let row = first; row < first + rows; row++) {
    const image = row / geometry.down
    const y = geometry.row(row - image * geometry.down)
    const u0 = geometry.firstRow(y)
    const height = geometry.endRow(y) - u0
    const from = x + <usize>(image * geometry.height + y + u0) * line
    for (let j = 0; j < across; j++) {
      const at = geometry.column(j)
      const v0 = geometry.firstColumn(at)
      const width = geometry.endColumn(at) - v0
      let cell = from + <usize>(at + v0) * pixel
      let left = channels
      for (; left >= 4; left -= 4) {
        v128.store(out, Cells.of<F>(cell, height, width, line, pixel, 4))
        cell += 16
        out += 16
      }
      if (left > 0) {
        Lanes.put(out, left, Cells.of<F>(cell, height, width, line, pixel, left))
        out += (<usize>left) << 2
      }
    }
  }
}

/** `rows` rows of the pool of all images, from the `first` on, at `out`. */
export function maxPool(x: usize, out: usize, windows: usize, first: i32, rows: i32): void {
  fold<Largest>(x, out, changetype<Geometry>(windows), first, rows)
}

export function averagePool(x: usize, out: usize, windows: usize, first: i32, rows: i32): void {
  fold<Mean>(x, out, changetype<Geometry>(windows), first, rows)
}

/** To each cell the slopes of windows of which it is the first largest one, or its share in them where `x` and `y` are 0. */
export function poolGrad(dy: usize, x: usize, y: usize, dx: usize, windows: usize, images: i32): void {
  const geometry = changetype<Geometry>(windows)
  const channels = geometry.channels
  const across = geometry.across
  const pixel = geometry.pixel
  const line = geometry.line
  const image = <usize>geometry.height * line
  const zero = f32x4.splat(0)
  const largest = x != 0
  memory.fill(dx, 0, <usize>images * image)
  for (let n = 0; n < images; n++) {
    for (let i = 0; i < geometry.down; i++) {
      const row = geometry.row(i)
      const u0 = geometry.firstRow(row)
      const u1 = geometry.endRow(row)
      for (let j = 0; j < across; j++) {
        const at = geometry.column(j)
        const v0 = geometry.firstColumn(at)
        const v1 = geometry.endColumn(at)
        const cells = f32x4.splat(<f32>(max(u1 - u0, 0) * max(v1 - v0, 0)))
        for (let c = 0; c < channels; c += 4) {
          const some = channels - c
          const place = (<usize>c) << 2
          const slope = Lanes.load(dy + place, some)
          const highest = largest ? Lanes.load(y + place, some) : zero
          const each = f32x4.div(slope, cells)
          let free = i32x4.splat(-1)
          for (let u = u0; u < u1; u++) {
            let cell = <usize>(row + u) * line + <usize>(at + v0) * pixel + place
            for (let v = v0; v < v1; v++) {
              let given = each
              if (largest) {
                const here = v128.and(f32x4.eq(Lanes.load(x + cell, some), highest), free)
                free = v128.andnot(free, here)
                given = v128.and(slope, here)
              }
              const to = dx + cell
              Lanes.store(to, some, f32x4.add(Lanes.load(to, some), given))
              cell += pixel
            }
          }
        }
        dy += pixel
        if (largest) y += pixel
      }
    }
    dx += image
    if (largest) x += image
  }
}
