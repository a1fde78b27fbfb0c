import { Button, Group, Modal, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { tell, tellError } from '../ui/tell.ts'
import classes from './benchmarks.module.css'
import { grouped, useContestants } from './run/use-contestants.ts'

type Props = { left: string; right: string; names: { left: string; right: string } }

/** Which of two outputs is better, without knowing whose they are: by a person, or by a judge model. */
export function BlindComparison({ left, right, names }: Props) {
  const [open, setOpen] = useState(false)
  const preferences = useQuery(query.benchmarks.preferences.queryOptions({ input: { left, right } }))
  return (
    <section aria-labelledby="blind">
      <Group gap="sm">
        <h3 id="blind">Blind comparison</h3>
        <Button variant="default" onClick={() => setOpen(true)}>
          Compare without knowing which is which…
        </Button>
        <ByJudge left={left} right={right} onDone={() => void preferences.refetch()} />
      </Group>
      {preferences.data && preferences.data.won + preferences.data.lost + preferences.data.tied > 0 && (
        <p className={classes.quiet}>
          {preferences.data.words} Seen from {names.right}: {preferences.data.won} won, {preferences.data.lost} lost,{' '}
          {preferences.data.tied} tied, {preferences.data.open} open.
        </p>
      )}
      {open && (
        <Pairs
          left={left}
          right={right}
          onClose={() => {
            setOpen(false)
            void preferences.refetch()
          }}
        />
      )}
    </section>
  )
}

const KEYS: Record<string, 'a' | 'tie' | 'b'> = { '1': 'a', '2': 'tie', '3': 'b' }

function Pairs({ left, right, onClose }: { left: string; right: string; onClose: () => void }) {
  const pairs = useQuery(query.benchmarks.pairs.queryOptions({ input: { left, right } }))
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set())
  const open = pairs.data?.filter(pair => pair.choice === null && !decided.has(pair.id))
  const pair = open?.[0]
  const alike = pairs.data?.filter(each => each.a === each.b).length ?? 0
  const decide = async (choice: 'a' | 'b' | 'tie') => {
    if (!pair) return
    setDecided(was => new Set(was).add(pair.id))
    try {
      await api.benchmarks.decidePair({ id: pair.id, choice })
    } catch (error) {
      setDecided(was => new Set([...was].filter(id => id !== pair.id)))
      tellError(error, 'That choice was not kept.')
    }
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const choice = KEYS[event.key]
      if (choice !== undefined) void decide(choice)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
  return (
    <Modal
      opened
      onClose={onClose}
      fullScreen
      title="Which one is better?"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {pairs.error && <ErrorNotice happened={sayError(pairs.error)} />}
      {pairs.data && !pair && <p className={classes.words}>All {pairs.data.length} pairs are decided.</p>}
      {pair && (
        <>
          <p className={classes.facts}>
            {pair.caseName} · {pair.model} · {open?.length} to go. The sides are shuffled; whose they are is told at the
            end.{alike > 0 && ` ${alike} with the same output on both sides count as tied.`}
          </p>
          <details>
            <summary>The prompt</summary>
            <pre className={classes.prompt}>{pair.prompt}</pre>
          </details>
          <div className={classes.outputs}>
            <Output name="A" text={pair.a} />
            <Output name="B" text={pair.b} />
          </div>
          <Group justify="center" gap="sm" mt="md">
            <Button onClick={() => void decide('a')}>A is better (1)</Button>
            <Button variant="default" onClick={() => void decide('tie')}>
              As good (2)
            </Button>
            <Button onClick={() => void decide('b')}>B is better (3)</Button>
          </Group>
        </>
      )}
    </Modal>
  )
}

function Output({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <h3 className={classes.which}>{name}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className={classes.text} tabIndex={0} aria-label={`Output ${name}`}>
        <pre className={classes.plain}>{text}</pre>
      </section>
    </div>
  )
}

function ByJudge({ left, right, onDone }: { left: string; right: string; onDone: () => void }) {
  const { options } = useContestants()
  const models = options.filter(option => option.contestant.kind === 'model')
  const [judge, setJudge] = useState<string | null>(null)
  const [progress, setProgress] = useState<{ done: number; total: number }>()
  if (models.length === 0) return null
  const run = async () => {
    const contestant = models.find(option => option.value === judge)?.contestant
    if (contestant?.kind !== 'model') return
    try {
      const steps = await api.benchmarks.judgePairs({
        left,
        right,
        judge: { providerId: contestant.providerId, model: contestant.model },
      })
      let step = await steps.next()
      while (!step.done) {
        setProgress(step.value)
        step = await steps.next()
      }
      const { decided, failed, reason } = step.value
      tell({ message: `${decided} pairs were decided${failed === 0 ? '' : `, ${failed} were not: ${reason ?? ''}`}.` })
    } catch (error) {
      tellError(error, 'The judge did not decide.')
    }
    setProgress(undefined)
    onDone()
  }
  return (
    <>
      <Select
        aria-label="Judge of the pairs"
        placeholder="or by a judge…"
        w={180}
        data={grouped(models)}
        value={judge}
        onChange={setJudge}
        clearable
      />
      {judge !== null && (
        <Button variant="default" loading={progress !== undefined} onClick={() => void run()}>
          Let it decide the open pairs
        </Button>
      )}
      {progress && (
        <span className={classes.dim} role="status">
          {progress.done} of {progress.total}
        </span>
      )}
    </>
  )
}
