import { ActionIcon, Menu, SegmentedControl, Table, Tooltip, useComputedColorScheme } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { type ReactNode, useCallback, useId, useRef, useState } from 'react'
import { ChartCanvas } from './chart-canvas.tsx'
import classes from './charts.module.css'
import type { Drawing } from './engine.ts'
import { readLook } from './look.ts'
import type { ChartModel } from './model.ts'
import { fileName, saveFile } from './save-file.ts'
import { writeCell, writeCsv } from './table.ts'

type Props = {
  model: ChartModel
  /** What a mark opens. */
  onPick?: (key: string) => void
  /** Choices that belong to this chart, beside its title. */
  tools?: ReactNode
}

/** A chart with its words, its table and its files: whatever is drawn can also be read, walked through and taken away. */
export function Chart({ model, onPick, tools }: Props) {
  const [as, setAs] = useState('chart')
  const drawing = useRef<Drawing>(undefined)
  const section = useRef<HTMLElement>(null)
  const heading = useId()
  const dark = useComputedColorScheme('light') === 'dark'
  // Axes without a mark would say less than the sentence above them.
  const drawable = model.marks.count > 0
  const drawn = useCallback((made: Drawing | undefined) => {
    drawing.current = made
  }, [])

  const savePng = () => {
    const url = drawing.current?.getDataURL({ type: 'png', pixelRatio: 2 })
    if (url === undefined) return
    const bytes = Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), letter => letter.charCodeAt(0))
    saveFile(fileName(model.title, 'png'), new Blob([bytes], { type: 'image/png' }))
  }
  const saveSvg = async () => {
    if (section.current === null) return
    const { drawSvg } = await import('./engine.ts')
    const svg = drawSvg(model.draw(readLook(section.current, dark, true)), section.current.clientWidth, model.height)
    saveFile(fileName(model.title, 'svg'), new Blob([svg], { type: 'image/svg+xml' }))
  }
  const saveCsv = () =>
    saveFile(fileName(model.title, 'csv'), new Blob([writeCsv(model.columns, model.rows)], { type: 'text/csv' }))

  return (
    <section ref={section} className={classes.chart} aria-labelledby={heading}>
      <header className={classes.header}>
        <h3 id={heading}>{model.title}</h3>
        <div className={classes.tools}>
          {tools}
          <SegmentedControl
            aria-label={`Show ${model.title} as`}
            value={as}
            onChange={setAs}
            data={[
              { value: 'chart', label: 'Chart' },
              { value: 'table', label: 'Table' },
            ]}
          />
          <Menu position="bottom-end">
            <Menu.Target>
              <Tooltip label="Save this chart">
                <ActionIcon aria-label={`Save ${model.title}`}>
                  <IconDownload size={16} stroke={1.5} />
                </ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={savePng} disabled={as !== 'chart' || !drawable}>
                Picture (PNG)
              </Menu.Item>
              <Menu.Item onClick={() => void saveSvg()}>Picture (SVG)</Menu.Item>
              <Menu.Item onClick={saveCsv}>Figures (CSV)</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </header>
      <p className={classes.summary}>{model.summary}</p>
      {as === 'table'
        ? model.rows.length > 0 && <FigureTable model={model} />
        : drawable && <ChartCanvas model={model} onPick={onPick} drawn={drawn} />}
    </section>
  )
}

/** Beyond this a page of rows no longer helps; the file has all of them. */
const SHOWN_ROWS = 500

function FigureTable({ model }: { model: ChartModel }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <div className={classes.table} style={{ maxHeight: Math.max(280, model.height) }} tabIndex={0}>
      <Table stickyHeader horizontalSpacing="sm" verticalSpacing={2}>
        <Table.Thead>
          <Table.Tr>
            {model.columns.map(column => (
              <Table.Th key={column.label}>{column.label}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {model.rows.slice(0, SHOWN_ROWS).map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity beyond their place
            <Table.Tr key={place}>
              {model.columns.map((column, at) => (
                <Table.Td key={column.label} data-number={typeof row[at] === 'number' || undefined}>
                  {writeCell(row[at], column)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {model.rows.length > SHOWN_ROWS && (
        <p className={classes.summary}>
          The first {SHOWN_ROWS} of {model.rows.length} rows. Save the figures as CSV to have all of them.
        </p>
      )}
    </div>
  )
}
