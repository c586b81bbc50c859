/** Windows along an axis of an image: the cells of one that begins at `at`, which may be outside, are `dilation` apart. */
export abstract class Axis {
  /** The first of them inside. */
  @inline static from(at: i32, dilation: i32): i32 {
    return at < 0 ? (dilation - 1 - at) / dilation : 0
  }
  /** The one behind the last of them inside. */
  @inline static to(at: i32, window: i32, dilation: i32, size: i32): i32 {
    return at < size ? min(window, (size - at + dilation - 1) / dilation) : 0
  }
}
