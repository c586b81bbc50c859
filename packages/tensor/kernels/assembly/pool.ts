/**
 * Pools and their gradients, of images `[images, height, width, channels]`, four channels at a time. A window sees the cells of its that lie
 * inside the image, row by row; `top` and `left` are how far the first one begins outside.
 */
import { Axis } from "./axis"
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

function fold<F extends Fold>(
  x: usize,
  out: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  const f = changetype<F>(0)
  const pixel = (<usize>channels) << 2
  const line = <usize>width * pixel
  for (let n = 0; n < images; n++) {
    for (let i = 0, y = -top; i < down; i++, y += strideHeight) {
      const u0 = Axis.from(y, 1)
      const u1 = Axis.to(y, rows, 1, height)
      for (let j = 0, at = -left; j < across; j++, at += strideWidth) {
        const v0 = Axis.from(at, 1)
        const v1 = Axis.to(at, columns, 1, width)
        const cells = max(u1 - u0, 0) * max(v1 - v0, 0)
        for (let c = 0; c < channels; c += 4) {
          const some = channels - c
          let a = f.start()
          for (let u = u0; u < u1; u++) {
            let cell = x + <usize>(y + u) * line + <usize>(at + v0) * pixel + ((<usize>c) << 2)
            for (let v = v0; v < v1; v++) {
              a = f.of(a, Lanes.load(cell, some))
              cell += pixel
            }
          }
          a = f.end(a, cells)
          Lanes.store(out + ((<usize>c) << 2), some, a)
        }
        out += pixel
      }
    }
    x += <usize>height * line
  }
}

export function maxPool(
  x: usize,
  out: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  // prettier-ignore
  fold<Largest>(x, out, images, height, width, channels, down, across, rows, columns, strideHeight, strideWidth, top, left)
}

export function averagePool(
  x: usize,
  out: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  // prettier-ignore
  fold<Mean>(x, out, images, height, width, channels, down, across, rows, columns, strideHeight, strideWidth, top, left)
}

/** To each cell the slopes of windows of which it is the first largest one, or its share in them where `x` and `y` are 0. */
export function poolGrad(
  dy: usize,
  x: usize,
  y: usize,
  dx: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  down: i32,
  across: i32,
  rows: i32,
  columns: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2
  const line = <usize>width * pixel
  const zero = f32x4.splat(0)
  const largest = x != 0
  memory.fill(dx, 0, <usize>images * <usize>height * line)
  for (let n = 0; n < images; n++) {
    for (let i = 0, first = -top; i < down; i++, first += strideHeight) {
      const u0 = Axis.from(first, 1)
      const u1 = Axis.to(first, rows, 1, height)
      for (let j = 0, at = -left; j < across; j++, at += strideWidth) {
        const v0 = Axis.from(at, 1)
        const v1 = Axis.to(at, columns, 1, width)
        const cells = f32x4.splat(<f32>(max(u1 - u0, 0) * max(v1 - v0, 0)))
        for (let c = 0; c < channels; c += 4) {
          const some = channels - c
          const place = (<usize>c) << 2
          const slope = Lanes.load(dy + place, some)
          const highest = largest ? Lanes.load(y + place, some) : zero
          const each = f32x4.div(slope, cells)
          let free = i32x4.splat(-1)
          for (let u = u0; u < u1; u++) {
            let cell = <usize>(first + u) * line + <usize>(at + v0) * pixel + place
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
    dx += <usize>height * line
    if (largest) x += <usize>height * line
  }
}
