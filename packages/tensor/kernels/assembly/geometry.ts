/**
 * Windows on images `[images, height, width, channels]`: laid down in this order by `src/wasm/kernel/geometry.ts`. What is exported takes
 * its address, since a class in a signature brings the compiler's own memory.
 */
@unmanaged
export class Geometry {
  height: i32
  width: i32
  channels: i32
  /** Places of the window. */
  down: i32
  across: i32
  /** Cells of the window, which are `dilation` apart. */
  rows: i32
  columns: i32
  strideHeight: i32
  strideWidth: i32
  dilationHeight: i32
  dilationWidth: i32
  /** How far the first window begins outside. */
  top: i32
  left: i32

  @inline get pixel(): usize {
    return (<usize>this.channels) << 2
  }
  @inline get line(): usize {
    return <usize>this.width * this.pixel
  }

  /** The row of the image in which the i-th window down begins: it may be outside. */
  @inline row(i: i32): i32 {
    return i * this.strideHeight - this.top
  }
  @inline column(j: i32): i32 {
    return j * this.strideWidth - this.left
  }

  /** The first row of a window that lies inside, where it begins in row `y` of the image; `endRow` is the one behind the last. */
  @inline firstRow(y: i32): i32 {
    return Geometry.first(y, this.dilationHeight)
  }
  @inline endRow(y: i32): i32 {
    return Geometry.end(y, this.rows, this.dilationHeight, this.height)
  }
  @inline firstColumn(x: i32): i32 {
    return Geometry.first(x, this.dilationWidth)
  }
  @inline endColumn(x: i32): i32 {
    return Geometry.end(x, this.columns, this.dilationWidth, this.width)
  }

  @inline static first(at: i32, dilation: i32): i32 {
    return at < 0 ? (dilation - 1 - at) / dilation : 0
  }
  @inline static end(at: i32, cells: i32, dilation: i32, size: i32): i32 {
    if (at + (cells - 1) * dilation < size) return cells // most windows, without a division
    return at < size ? (size - at + dilation - 1) / dilation : 0
  }
}
