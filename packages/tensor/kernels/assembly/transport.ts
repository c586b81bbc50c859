/**
 * Half-steps of entropic optimal transport: y = -(log sum e^x + mass), a number for each row of the cost, where x_ij = h_j - C_ij / epsilon,
 * or for each column, where x_ij = h_i - C_ij / epsilon; by = -1 / epsilon.
 */
import { Lanes } from "./lanes"
import { logSum } from "./softmax"
import { plane } from "./transpose"

abstract class Transport {
  /** to = h + by cost, which may lie there; the largest of them, NaN left out. */
  @inline static shifted(cost: usize, h: usize, to: usize, length: i32, by: f32): f32 {
    const factor = f32x4.splat(by)
    const none = f32x4.splat(-Infinity)
    let top = none
    let left = length
    for (; left >= 4; left -= 4) {
      const x = Lanes.madd(v128.load(cost), factor, v128.load(h))
      top = f32x4.pmax(top, x)
      v128.store(to, x)
      cost += 16
      h += 16
      to += 16
    }
    if (left > 0) {
      const x = Lanes.madd(Lanes.some(cost, left, f32x4.splat(0)), factor, Lanes.some(h, left, none))
      top = f32x4.pmax(top, x)
      Lanes.put(to, left, x)
    }
    return Lanes.max(top)
  }
}

function half(
  cost: usize,
  stride: usize,
  h: usize,
  y: usize,
  room: usize,
  rows: i32,
  length: i32,
  by: f32,
  mass: f32,
): void {
  for (let r = 0; r < rows; r++) {
    const top = Transport.shifted(cost, h, room, length, by)
    store<f32>(y, -(logSum(room, length, top) + mass))
    cost += stride
    y += 4
  }
}

/** y[groups, rows] of cost[groups, rows, length] and h[groups, length], with room for a row. */
export function transportRows(
  cost: usize,
  h: usize,
  y: usize,
  room: usize,
  groups: i32,
  rows: i32,
  length: i32,
  by: f32,
  mass: f32,
): void {
  const bytes = (<usize>length) << 2
  for (let g = 0; g < groups; g++) {
    half(cost, bytes, h, y, room, rows, length, by, mass)
    cost += <usize>rows * bytes
    h += bytes
    y += (<usize>rows) << 2
  }
}

/**
 * y[groups, columns] of cost[groups, rows, columns], whose rows are `stride` bytes apart as those of y, and h[groups, rows]. `strip` columns
 * are turned at once, to rows `apart` bytes apart; room for one more.
 */
export function transportColumns(
  cost: usize,
  h: usize,
  y: usize,
  room: usize,
  strip: i32,
  apart: usize,
  groups: i32,
  rows: i32,
  columns: i32,
  stride: usize,
  by: f32,
  mass: f32,
): void {
  for (let g = 0; g < groups; g++) {
    for (let j = 0; j < columns; j += strip) {
      const here = min(strip, columns - j)
      const at = (<usize>j) << 2
      plane(cost + at, stride, room, apart, rows, here)
      half(room, apart, h, y + at, room + <usize>strip * apart, here, rows, by, mass)
    }
    cost += <usize>rows * stride
    h += (<usize>rows) << 2
    y += stride
  }
}
