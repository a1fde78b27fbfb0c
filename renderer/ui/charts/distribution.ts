import { axisOf, frameOf, seriesColor, tooltipOf } from './look.ts'
import { type ChartModel, marksOf } from './model.ts'

export type Sample = { key: string; label: string; values: readonly number[] }

/** Five quantiles of each sample as a box, so that a few slow answers do not hide the many quick ones. */
export function distribution(title: string, samples: readonly Sample[], format: (value: number) => string): ChartModel {
  const measured = samples.filter(sample => sample.values.length > 0)
  const boxes = measured.map(sample => quantilesOf(sample.values))
  const say = (place: number): string => {
    const [p5 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0] = boxes[place] ?? []
    return `${measured[place]?.label}: half between ${format(p25)} and ${format(p75)}, middle ${format(p50)}, 90% between ${format(p5)} and ${format(p95)}, ${measured[place]?.values.length} results`
  }
  return {
    title,
    summary:
      measured.length === 0
        ? 'Nothing of this has been measured yet.'
        : `${measured.map((sample, place) => `${sample.label}: ${format(boxes[place]?.[2] ?? 0)} in the middle`).join('; ')}. A box holds half of the results, its whiskers nine of ten.`,
    height: 72 + Math.max(1, measured.length) * 44,
    columns: [
      { label: 'What' },
      ...['5%', '25%', 'middle', '75%', '95%'].map(label => ({ label, format })),
      { label: 'Results' },
    ],
    rows: measured.map((sample, place) => [sample.label, ...(boxes[place] ?? []), sample.values.length]),
    marks: marksOf(measured.map((sample, index) => ({ series: 0, index, says: say(index), key: sample.key }))),
    draw: look => ({
      ...frameOf(look),
      tooltip: { ...tooltipOf(look), formatter: (at: { dataIndex: number }) => say(at.dataIndex) },
      xAxis: {
        type: 'value',
        min: 0,
        ...axisOf(look),
        axisLabel: { color: look.dim, formatter: format, hideOverlap: true },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: measured.map(({ label }) => label),
        ...axisOf(look),
        axisLabel: { color: look.dim, width: 180, overflow: 'truncate' },
        splitLine: { show: false },
      },
      series: [
        {
          type: 'boxplot',
          boxWidth: [8, 20],
          data: boxes,
          itemStyle: { color: look.page, borderColor: seriesColor(look, 0), borderWidth: 1.5 },
        },
      ],
    }),
  }
}

const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95]

/** 5, 25, 50, 75 and 95 %, between neighbours by distance (Hyndman and Fan's seventh kind, as R and NumPy do). */
export function quantilesOf(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort()
  return SHARES.map(share => {
    const place = (sorted.length - 1) * share
    const below = sorted[Math.floor(place)] ?? 0
    const above = sorted[Math.ceil(place)] ?? below
    return below + (above - below) * (place - Math.floor(place))
  })
}
