import { Button, Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ModelPrice } from '../../shared/contract/providers.ts'
import { api, query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { NumberField } from '../ui/number-field.tsx'
import { tellError } from '../ui/tell.ts'
import classes from './providers.module.css'

/** Microcents a token and US dollars a million tokens: $3 per million are 300 microcents. */
const DOLLARS = 100

type Row = { providerId: string; model: string; price: ModelPrice | null }

/** What each model costs; the author's own figure goes before the list's. Unknown stays unknown, it is never free. */
export function PriceTable() {
  const prices = useQuery(query.providers.prices.queryOptions())
  if (prices.error) return <ErrorNotice happened={sayError(prices.error)} />
  if (!prices.data || prices.data.models.length === 0) return null
  return (
    <section aria-labelledby="prices">
      <h2 id="prices">Prices</h2>
      <p className={classes.quiet}>
        US dollars per million tokens, from the list of {prices.data.date}. Where there is no price, a cost is unknown,
        not 0.
      </p>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            <Table.Th>In</Table.Th>
            <Table.Th>Out</Table.Th>
            <Table.Th>From</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {prices.data.models.map(row => (
            <PriceRow key={`${row.providerId} ${row.model}`} row={row} onChanged={() => void prices.refetch()} />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

function PriceRow({ row, onChanged }: { row: Row; onChanged: () => void }) {
  const { providerId, model, price } = row
  const [fields, setFields] = useState({ input: dollars(price?.input), output: dollars(price?.output) })
  const put = async (next: { input: number; output: number } | null) => {
    try {
      await api.providers.setPrice({
        providerId,
        model,
        price: next && {
          input: next.input * DOLLARS,
          output: next.output * DOLLARS,
          cacheRead: price?.cacheRead ?? null,
          cacheWrite: price?.cacheWrite ?? null,
        },
      })
      onChanged()
    } catch (error) {
      tellError(error, 'That price was not kept.')
    }
  }
  const field = (which: 'input' | 'output', label: string) => (
    <NumberField
      aria-label={`${label} of ${model}`}
      w={120}
      min={0}
      hideControls
      placeholder="unknown"
      value={fields[which]}
      onChange={value => setFields(was => ({ ...was, [which]: value ?? undefined }))}
      onBlur={() => {
        const { input, output } = fields
        if (
          input !== undefined &&
          output !== undefined &&
          (input !== dollars(price?.input) || output !== dollars(price?.output))
        )
          void put({ input, output })
      }}
    />
  )
  return (
    <Table.Tr>
      <Table.Td>{model}</Table.Td>
      <Table.Td>{field('input', 'Price in')}</Table.Td>
      <Table.Td>{field('output', 'Price out')}</Table.Td>
      <Table.Td>{price === null ? 'unknown' : price.from === 'own' ? 'you' : 'the list'}</Table.Td>
      <Table.Td>
        {price?.from === 'own' && (
          <Button variant="subtle" color="gray" onClick={() => void put(null)}>
            Back to the list
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

const dollars = (perToken: number | undefined): number | undefined =>
  perToken === undefined ? undefined : perToken / DOLLARS
