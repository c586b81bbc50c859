/**
 * Half-steps of entropic optimal transport: y = -(log sum e^x + mass), a number for each row of the cost, where x_ij = h_j - C_ij / epsilon,
 * or for each column, where x_ij = h_i - C_ij / epsilon; by = -1 / epsilon.
 */
import { Lanes } from "./lanes"
import { logSumExp } from "./softmax"
import { plane } from "./transpose"

abstract class Transport {
  /** to = h + by cost, which may lie there. */
  @inline static shifted(cost: usize, h: usize, to: usize, length: i32, by: f32): void {
    const factor = f32x4.splat(by)
    const zero = f32x4.splat(0)
    let left = length
    for (; left >= 4; left -= 4) {
      v128.store(to, Lanes.madd(v128.load(cost), factor, v128.load(h)))
      cost += 16
      h += 16
      to += 16
    }
    if (left > 0) Lanes.put(to, left, Lanes.madd(Lanes.some(cost, left, zero), factor, Lanes.some(h, left, zero)))
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
    Transport.shifted(cost, h, room, length, by)
    logSumExp(room, y, 1, length)
    store<f32>(y, -(load<f32>(y) + mass))
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
