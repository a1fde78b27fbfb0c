import { Button, Group } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, query } from '../api.ts'
import { bytes, count } from '../ui/format.ts'
import { NumberField } from '../ui/number-field.tsx'
import { tell, tellError } from '../ui/tell.ts'
import classes from './providers.module.css'

/** Answers that are kept so that an unchanged cell is not paid twice: how much that is, and how much it may be. */
export function KnownAnswers() {
  const kept = useQuery(query.benchmarks.cache.queryOptions({ staleTime: 0 }))
  const settings = useQuery(query.settings.get.queryOptions())
  const client = useQueryClient()
  const [most, setMost] = useState<number | null>()
  if (!kept.data || !settings.data) return null
  const { answers } = kept.data
  const limit = settings.data.answersMegabytes
  const save = async () => {
    if (most === undefined || most === null || most === limit) return setMost(undefined)
    try {
      const saved = await api.settings.set({ answersMegabytes: most })
      client.setQueryData(query.settings.get.queryKey(), saved)
      await kept.refetch()
    } catch (error) {
      tellError(error, 'The limit is what it was.')
    }
    setMost(undefined)
  }
  const forget = async () => {
    try {
      const { removed } = await api.benchmarks.clearCache()
      tell({ message: `${count(removed, 'answer')} forgotten. Results keep theirs.` })
    } catch (error) {
      tellError(error, 'No answer was forgotten.')
    }
    await kept.refetch()
  }
  return (
    <section aria-labelledby="known-answers">
      <h2 id="known-answers">Known answers</h2>
      <p className={classes.quiet}>
        {answers === 0
          ? 'Models’ answers are kept here, so that an unchanged cell is not paid twice.'
          : `${count(answers, 'answer')} (${bytes(kept.data.bytes)}) are kept, so that an unchanged cell is not paid twice.`}{' '}
        What was not used for longest goes first. Results keep their outputs.
      </p>
      <Group gap="sm" align="flex-end">
        <NumberField
          label="Keep at most"
          suffix=" MB"
          w={140}
          min={1}
          max={100_000}
          allowDecimal={false}
          value={most === undefined ? limit : most}
          onChange={setMost}
          onBlur={() => void save()}
        />
        {answers > 0 && (
          <Button variant="default" onClick={() => void forget()}>
            Forget {count(answers, 'answer')}
          </Button>
        )}
      </Group>
    </section>
  )
}
