import { Anchor, Button } from '@mantine/core'
import { useState } from 'react'
import { Time, useNow } from '../../ui/time.tsx'
import { versionName } from '../../ui/version-name.ts'
import classes from './picture.module.css'
import { type Picture, sayFigure, sayParents } from './picture.ts'

/** Rows that are laid out at once without a wait that can be felt. */
const FIRST = 200

/** The same as words and numbers, newest first. */
export function PictureTable({ picture, onOpen }: { picture: Picture; onOpen: (id: string) => void }) {
  const [all, setAll] = useState(false)
  const now = useNow()
  const { graph, drawn, points } = picture
  const newestFirst = graph.nodes.toReversed()
  const rows = all ? newestFirst : newestFirst.slice(0, FIRST)
  return (
    // A region that scrolls must be reached by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as above
    <section className={classes.tableArea} tabIndex={0} aria-label="What each version did">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Made</th>
            <th scope="col">When, by whom</th>
            {drawn.map(({ metric }) => (
              <th key={metric.key} scope="col" className={classes.number}>
                {metric.name}
                <span className={classes.unit}> {metric.unit}</span>
              </th>
            ))}
            <th scope="col" className={classes.number}>
              Uses
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ version, column }) => (
            <tr key={version.id}>
              <th scope="row">
                <Anchor component="button" type="button" onClick={() => onOpen(version.id)}>
                  {versionName(version)}
                </Anchor>
                {version.published && <span className={classes.unit}> published</span>}
              </th>
              <td>{sayParents(picture, column) || 'first'}</td>
              <td>
                <Time at={version.createdAt} now={now} />, {version.author.name}
              </td>
              {drawn.map(row => (
                <td key={row.metric.key} className={row.figures[column] ? classes.number : classes.nothing}>
                  {sayFigure(row, column)}
                  {row.groups.length > 1 && row.figures[column] && (
                    <span className={classes.unit}> way {row.groups.indexOf(row.figures[column].group) + 1}</span>
                  )}
                </td>
              ))}
              <td className={classes.number}>{points[column]?.uses ?? 0}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length < newestFirst.length && (
        <Button variant="subtle" onClick={() => setAll(true)}>
          Show all {newestFirst.length} versions
        </Button>
      )}
    </section>
  )
}
