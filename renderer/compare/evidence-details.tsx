import type { Evidence, RunFacts } from '../../shared/contract/evidence.ts'
import { count, formatNumber, signed } from '../ui/format.ts'
import { when } from '../ui/when.ts'
import classes from './compare.module.css'
import type { Row } from './evidence-rows.ts'

type Props = { of: Row['key']; evidence: Evidence; names: { left: string; right: string } }

/** What a figure is made of: its runs and cases, its samples, its ratings, its feedback. */
export function EvidenceDetails({ of, evidence, names }: Props) {
  return (
    <div className={classes.details}>
      {of === 'quality' && <QualityDetails found={evidence.quality} names={names} />}
      {(of === 'cost' || of === 'latency') && <SampleDetails found={evidence[of]} names={names} />}
      {of === 'rating' && <RatingDetails found={evidence.rating} names={names} />}
      {of === 'feedback' && <FeedbackDetails notes={evidence.feedback} names={names} />}
    </div>
  )
}

type Names = Props['names']

function QualityDetails({ found, names }: { found: Evidence['quality']; names: Names }) {
  const runs = found.state === 'compared' ? { left: found.left.run, right: found.right.run } : found
  return (
    <>
      <RunLine name={names.left} run={runs.left} />
      <RunLine name={names.right} run={runs.right} />
      {found.state !== 'compared' && found.reasons.map(reason => <p key={reason}>{reason}</p>)}
      {found.state === 'compared' && (
        <table className={classes.cases}>
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col">{names.left}</th>
              <th scope="col">{names.right}</th>
              <th scope="col">Difference</th>
            </tr>
          </thead>
          <tbody>
            {found.cases.map(each => (
              <tr key={each.caseId}>
                <th scope="row">
                  {each.name}
                  {each.flaky && <span className={classes.dim}> flaky: its repeats differ much</span>}
                </th>
                <td title={each.left.join(', ')}>{score(each.leftMean)}</td>
                <td title={each.right.join(', ')}>{score(each.rightMean)}</td>
                <td>{difference(each.leftMean, each.rightMean)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

const score = (mean: number | null): string => (mean === null ? 'not judged' : mean.toFixed(0))

const difference = (left: number | null, right: number | null): string =>
  left === null || right === null ? 'cannot tell' : signed(right - left, size => size.toFixed(1))

function RunLine({ name, run }: { name: string; run: RunFacts | null }) {
  if (!run) return <p>{name}: no completed benchmark run.</p>
  return (
    <p>
      {name}: run of {when(run.createdAt)}, {count(run.results, 'result')}, {count(run.repeats, 'repeat')} a case,
      models {run.models.join(', ')}; judge {run.judgeModel ?? 'none'}
      {run.unjudged > 0 && `; ${count(run.unjudged, 'result')} not judged and left out`}
    </p>
  )
}

function SampleDetails({ found, names }: { found: Evidence['cost']; names: Names }) {
  return (
    <p>
      The mean of {count(found.left.samples, 'use')} of {names.left} and of {count(found.right.samples, 'use')} of{' '}
      {names.right}, as reported by the tools that ran them.
    </p>
  )
}

function RatingDetails({ found, names }: { found: Evidence['rating']; names: Names }) {
  return (
    <table className={classes.cases}>
      <thead>
        <tr>
          <th scope="col">Stars</th>
          <th scope="col">{names.left}</th>
          <th scope="col">{names.right}</th>
        </tr>
      </thead>
      <tbody>
        {[5, 4, 3, 2, 1].map(stars => (
          <tr key={stars}>
            <th scope="row">{stars}</th>
            <td>{formatNumber(found.leftDistribution[stars - 1])}</td>
            <td>{formatNumber(found.rightDistribution[stars - 1])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function FeedbackDetails({ notes, names }: { notes: Evidence['feedback']; names: Names }) {
  return (
    <ul>
      {notes.map(note => (
        <li key={note.id}>
          <strong>{note.type.replaceAll('_', ' ')}</strong> {note.relation === 'implemented' ? 'answered by' : 'on'}{' '}
          {note.side === 'left' ? names.left : names.right}, {note.userName}
          {note.comment !== null && `: ${note.comment}`}
        </li>
      ))}
    </ul>
  )
}
