import { Button, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { VersionRow } from '../../../shared/contract/versions.ts'
import { api, query, sayError } from '../../api.ts'
import { address } from '../../routes.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { count } from '../../ui/format.ts'
import { useNow } from '../../ui/time.tsx'
import { versionName } from '../../ui/version-name.ts'
import { Waiting } from '../../ui/waiting.tsx'
import { when } from '../../ui/when.ts'
import classes from './blame.module.css'
import { type Origin, runAt } from './blame-gutter.ts'
import { BlameText, type BlameTextHandle } from './blame-text.tsx'
import { ageOf, lineIn, runsOf, type Share, sharesOf } from './lines.ts'

type Props = {
  skillId: string
  versionId: string
  path: string
  /** The file's text in that version. */
  text: string
}

/** Each line of a file with the version that brought it; from there to that version, or to what it changed here. */
export function Blame({ skillId, versionId, path, text }: Props) {
  const blame = useQuery(query.versions.blame.queryOptions({ input: { id: versionId, path } }))
  if (blame.error)
    return <ErrorNotice happened={sayError(blame.error)} kept="The file itself can be read, under Text." />
  if (!blame.data) return <Waiting what="Following each line back through the history…" />
  return <Known {...{ skillId, path, text }} lines={blame.data.lines} versions={blame.data.versions} />
}

type KnownProps = Omit<Props, 'versionId'> & {
  lines: readonly { versionId: string }[]
  versions: readonly VersionRow[]
}

function Known({ skillId, path, text, lines, versions }: KnownProps) {
  const [, navigate] = useLocation()
  const now = useNow()
  const [line, setLine] = useState(0)
  const [chosen, setChosen] = useState<string>()
  const editor = useRef<BlameTextHandle>(null)
  const runs = useMemo(() => runsOf(lines), [lines])
  const shares = useMemo(() => sharesOf(lines, versions), [lines, versions])
  // Ages are of the moment the file was opened: a margin that is drawn again every half minute is not worth it.
  const opened = useRef(now)
  const origins = useMemo(
    () => new Map(shares.map(share => [share.version.id, originOf(share, opened.current)])),
    [shares],
  )

  const openVersion = (id: string) => navigate(address.skill(skillId, 'history', { version: id, path, as: 'blame' }))
  const showChange = useCallback(
    async (at: number) => {
      const version = shares.find(share => share.version.id === runAt(runs, at)?.versionId)?.version
      if (!version) return
      if (version.parentId === null)
        return navigate(address.skill(skillId, 'history', { version: version.id, path, as: 'blame' }))
      const there = await lineThere(version.id, path, text, at)
      const sides = { left: `version:${version.parentId}`, right: `version:${version.id}`, file: path }
      navigate(address.skill(skillId, 'compare', { ...sides, ...(there !== undefined && { line: String(there + 1) }) }))
    },
    [shares, runs, navigate, skillId, path, text],
  )
  const choose = (share: Share<VersionRow>) => {
    const next = chosen === share.version.id ? undefined : share.version.id
    setChosen(next)
    editor.current?.choose(runs.filter(run => run.versionId === next))
    if (next !== undefined) editor.current?.show(share.first)
  }
  const here = shares.find(share => share.version.id === runAt(runs, line)?.versionId)

  return (
    <div className={classes.blame}>
      <div className={classes.bar}>
        <span className={classes.line}>Line {line + 1}</span>
        <span className={classes.from} role="status">
          {here ? sayOrigin(here.version, now) : 'an empty file'}
        </span>
        {here && (
          <>
            <Button variant="default" onClick={() => openVersion(here.version.id)}>
              Open {versionName(here.version)}
            </Button>
            {here.version.parentId !== null && (
              <Button variant="default" onClick={() => void showChange(line)}>
                What {versionName(here.version)} changed here
              </Button>
            )}
          </>
        )}
      </div>
      <div className={classes.columns}>
        <BlameText
          ref={editor}
          path={path}
          text={text}
          runs={runs}
          origins={origins}
          onLine={setLine}
          onOrigin={showChange}
        />
        <nav className={classes.shares} aria-label="Versions that lines of this file came with, newest first">
          <ul>
            {shares.map(share => (
              <li key={share.version.id}>
                <UnstyledButton
                  className={classes.share}
                  aria-pressed={chosen === share.version.id}
                  onClick={() => choose(share)}
                >
                  <span className={classes.swatch} data-shade={share.shade} />
                  <strong>{versionName(share.version)}</strong>
                  <span className={classes.lines}>{count(share.lines, 'line')}</span>
                  <span className={classes.who}>
                    {share.version.author.name} · {ageOf(share.version.createdAt, now)}
                  </span>
                </UnstyledButton>
              </li>
            ))}
          </ul>
        </nav>
      </div>
    </div>
  )
}

function originOf({ version, shade }: Share<VersionRow>, now: number): Origin {
  return {
    name: versionName(version),
    who: version.author.name,
    age: ageOf(version.createdAt, now),
    title: `${sayOrigin(version, now)}. Click for what it changed here.`,
    shade,
  }
}

/** 'v3, Jonas Lind, 29 Aug 2026, 14:02 (83 d): Migrations: what locks' */
function sayOrigin(version: VersionRow, now: number): string {
  const [message] = version.message.split('\n')
  const made = `${versionName(version)}, ${version.author.name}, ${when(version.createdAt)} (${ageOf(version.createdAt, now)})`
  return message ? `${made}: ${message}` : made
}

/** The line's place in the version that brought it. */
async function lineThere(versionId: string, path: string, text: string, line: number): Promise<number | undefined> {
  try {
    const file = await api.files.read({ of: { kind: 'version', id: versionId }, path })
    return file.kind === 'text' ? lineIn(text, line, file.text) : undefined
  } catch {
    // The comparison opens all the same, at its beginning.
    return undefined
  }
}
