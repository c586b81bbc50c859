/** The tables of this plugin. Rows that are examples carry an `id`, by which other tables are joined to them. */
import { Column, TableSchema } from "@relent/arrow"

/** Greyscale images with a class each: 0 … 255, row by row. */
export const Images = TableSchema.make("datasets/images", 1, {
  id: Column.int32,
  image: Column.tensor("uint8", ["height", "width"]),
  label: Column.int32,
})

/** Feature vectors with a class each. */
export const Points = TableSchema.make("datasets/points", 1, {
  id: Column.int32,
  x: Column.tensor("float32", ["features"]),
  label: Column.int32,
})

/** Logits of the exact class posterior. */
export const Posterior = TableSchema.make("datasets/posterior", 1, {
  id: Column.int32,
  logits: Column.tensor("float32", ["classes"]),
})

/** A text in the order of reading. */
export const Passages = TableSchema.make("datasets/passages", 1, {
  id: Column.int32,
  chapter: Column.utf8,
  text: Column.utf8,
})

/** Texts of mails: `label` is 1 for spam, `group` the folder of the corpus. */
export const Mails = TableSchema.make("datasets/mails", 1, {
  id: Column.int32,
  group: Column.utf8,
  text: Column.utf8,
  label: Column.int32,
})

/** Feature vectors with numbers to predict. */
export const Regression = TableSchema.make("datasets/regression", 1, {
  id: Column.int32,
  x: Column.tensor("float32", ["features"]),
  y: Column.tensor("float32", ["targets"]),
})

/** What is measured of a day's weather. */
export const weather = {
  date: Column.utf8,
  precipitation: Column.float64,
  temp_max: Column.float64,
  temp_min: Column.float64,
  wind: Column.float64,
}

/** A day a row, in the order of time: `date` is its year, month and day (ISO 8601). */
export const Weather = TableSchema.make("datasets/weather", 1, { id: Column.int32, ...weather })
