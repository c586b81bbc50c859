/** The weather of Seattle, day by day, from the npm package `vega-datasets`. */
import { Stage } from "@relent/stage"
import { readCsv } from "./file/csv.ts"
import { tableOf } from "./file/table.ts"
import { Weather, weather } from "./schemas.ts"

const file = "seattle-weather.csv"

/**
 * 1461 days, 2012 to 2015, none left out: precipitation in mm, the highest and lowest temperature in degrees Celsius, and the mean speed
 * of the wind in m/s. Measured at the airport by NOAA; `id` counts the days from 0.
 *
 * @reference none: measurements
 */
export const seattleWeather = Stage.make("datasets/seattle-weather", {
  module: import.meta.url,
  title: "Four years of weather in Seattle, day by day",
  sources: () => ({ days: { package: "vega-datasets", file: `data/${file}` } }),
  outputs: { data: Weather },
  *run({ sources }) {
    const content = yield* readCsv(file, sources["days"]!, { delimiter: ",", missing: [""] }, undefined)
    const { id, date, precipitation, temp_max, temp_min, wind } = (yield* tableOf(file, content, weather)).columns
    return { data: Weather.make({ id, date, precipitation, temp_max, temp_min, wind }) }
  },
})
