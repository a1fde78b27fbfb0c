import { useQuery } from '@tanstack/react-query'
import type { ShownTeam } from '../../shared/contract/sync.ts'
import { query } from '../api.ts'
import { CopyTextButton } from '../ui/copy-button.tsx'
import { sayBriefly } from '../ui/sync-words.ts'
import { when } from '../ui/when.ts'
import classes from './sync.module.css'

/** What sync did, to read and to copy for help: it holds no password, no key and no content. */
export function Log({ team, now }: { team: ShownTeam; now: number }) {
  const { tenantId, name } = team
  const log = useQuery(query.sync.log.queryOptions({ input: { tenantId } })).data
  const info = useQuery(query.system.info.queryOptions()).data
  const text = [
    `Whetstone ${info ? `${info.app} on ${info.platform}` : ''}, sync with ${name}: ${sayBriefly(team, now)}`,
    ...(log ?? []).map(line => `${new Date(line.at).toISOString()} ${line.level} ${line.text}`),
  ].join('\n')
  return (
    <section className={classes.section} aria-labelledby="log">
      <h2 id="log">
        Log <CopyTextButton text={text} label="Copy the log" size="compact-xs" disabled={!log?.length} />
      </h2>
      {log === undefined ? null : log.length === 0 ? (
        <p className={classes.quiet}>Nothing has happened yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must get into it
        <ol className={classes.log} aria-label="Newest first" tabIndex={0}>
          {log.toReversed().map(line => (
            <li key={line.seq}>
              <time dateTime={new Date(line.at).toISOString()}>{when(line.at)}</time>
              <span>
                {line.level === 'info' ? '' : line.level === 'error' ? 'Error: ' : 'Warning: '}
                {line.text}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
