/** A file as it was read, before its columns become those of a table. */
import type { Column } from "@relent/arrow"

export interface FoundColumn {
  readonly name: string
  /** The file's own word for what it holds. */
  readonly type: string
  /** What it becomes where nothing is declared; undefined for a type that no column of a table has. */
  readonly inferred: Column | undefined
  /** A value or `null` for each row; the elements of a tensor may lie flat. */
  readonly values: ArrayLike<unknown>
}

export interface FileContent {
  readonly rows: number
  readonly columns: ReadonlyArray<FoundColumn>
  /** Of a text file: the line, from 1, that a row begins in. */
  readonly lines?: ReadonlyArray<number>
}

/** The names of columns that are to be read; undefined for all. */
export type Wanted = ReadonlySet<string> | undefined
