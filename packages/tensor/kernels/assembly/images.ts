/** Images and parts of them, copied. */

/**
 * Copies a part of images `[n, height, width, channels]`, whose rows and images are so many bytes apart: `toHeight` rows and `toWidth`
 * columns from row `top` and column `left` (negative: before the first), zeros outside.
 */
export function cut(
  from: usize,
  images: i32,
  imageStride: usize,
  rowStride: usize,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  toHeight: i32,
  toWidth: i32,
  to: usize,
): void {
  const pixel = (<usize>channels) << 2
  const before = min(max(-left, 0), toWidth)
  const inside = max(min(width - left, toWidth) - before, 0)
  const after = toWidth - before - inside
  for (let n = 0; n < images; n++) {
    for (let y = top; y < top + toHeight; y++) {
      if (y < 0 || y >= height || inside == 0) {
        memory.fill(to, 0, <usize>toWidth * pixel)
        to += <usize>toWidth * pixel
        continue
      }
      memory.fill(to, 0, <usize>before * pixel)
      to += <usize>before * pixel
      const row = from + <usize>y * rowStride + ((<usize>((left + before) * channels)) << 2)
      memory.copy(to, row, <usize>inside * pixel)
      to += <usize>inside * pixel
      memory.fill(to, 0, <usize>after * pixel)
      to += <usize>after * pixel
    }
    from += imageStride
  }
}

/** So many bytes of zeros. */
export function clear(to: usize, bytes: usize): void {
  memory.fill(to, 0, bytes)
}

/** Images `[n, height, width]` of pixels of so many bytes, one after the other, to where they belong. */
export function lay(
  from: usize,
  images: i32,
  height: i32,
  width: i32,
  pixel: usize,
  to: usize,
  imageStride: usize,
  rowStride: usize,
  columnStride: usize,
): void {
  for (let n = 0; n < images; n++) {
    for (let y = 0; y < height; y++) {
      let at = to + <usize>y * rowStride
      for (let x = 0; x < width; x++) {
        memory.copy(at, from, pixel)
        from += pixel
        at += columnStride
      }
    }
    to += imageStride
  }
}
