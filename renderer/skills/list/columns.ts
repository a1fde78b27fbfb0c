import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { LibraryView, SkillSort } from '../../routes.ts'

export type ColumnKey = 'name' | 'description' | 'newest' | 'tokens' | 'quality' | 'cost' | 'rating' | 'state'

export type Column = {
  key: ColumnKey
  label: string
  /** Where the label on screen is shorter than its name. */
  heading?: string
  /** Said in the tooltip of the heading. */
  about: string
  width: string
  /** Figures stand on their right edge. */
  figures?: boolean
  /** What the heading sorts by; the first press puts the most of it on top where `most` is set. */
  sort?: SkillSort
  most?: boolean
}

export const COLUMNS: readonly Column[] = [
  { key: 'name', label: 'Name', about: 'The skill’s name', width: 'minmax(120px, 2fr)', sort: 'name' },
  {
    key: 'description',
    label: 'What it is for',
    about: 'Its description; while you search, where the words were found',
    width: 'minmax(120px, 3fr)',
  },
  {
    key: 'newest',
    label: 'Newest',
    about: 'The newest version and when it was made',
    width: '148px',
    sort: 'updated',
    most: true,
  },
  {
    key: 'tokens',
    label: 'Tokens',
    about: 'Always loaded · loaded on trigger, estimated',
    width: '92px',
    figures: true,
    sort: 'tokens',
    most: true,
  },
  {
    key: 'quality',
    label: 'Quality',
    about: 'Mean quality of the newest benchmark run, of 100',
    width: '68px',
    figures: true,
    sort: 'quality',
    most: true,
  },
  { key: 'cost', label: 'Cost', about: 'Mean cost of one use', width: '68px', figures: true, sort: 'cost', most: true },
  {
    key: 'rating',
    label: 'Rating',
    heading: '★',
    about: 'Mean rating, of 5 stars, and how many rated',
    width: '68px',
    figures: true,
    sort: 'rating',
    most: true,
  },
  {
    key: 'state',
    label: 'State',
    about: 'Changed since the newest version, and what is published',
    width: '124px',
    sort: 'state',
  },
]

type ColumnChoice = { hidden: ColumnKey[]; toggle: (key: ColumnKey) => void }

/** The columns a person does without, on this computer. */
export const useColumnChoice = create<ColumnChoice>()(
  persist(
    set => ({
      hidden: [],
      toggle: key =>
        set(({ hidden }) => ({
          hidden: hidden.includes(key) ? hidden.filter(other => other !== key) : [...hidden, key],
        })),
    }),
    { name: 'whetstone.library.columns' },
  ),
)

export function useColumns(): readonly Column[] {
  const hidden = useColumnChoice(state => state.hidden)
  return COLUMNS.filter(column => column.key === 'name' || !hidden.includes(column.key))
}

export type Order = Pick<LibraryView, 'sort' | 'descending'>

/** The order the rows are in: without a choice, by name, or by relevance (no heading) while something is searched for. */
export const orderOf = ({ sort, descending, query }: LibraryView): Order =>
  sort === undefined && query.trim() === '' ? { sort: 'name', descending: false } : { sort, descending }

/** The next order after pressing a heading: its own first direction, then the other one, then no choice any more. */
export function orderAfter(column: Column, { sort, descending }: Order): Order {
  const first = column.most === true
  if (column.sort !== sort) return { sort: column.sort, descending: first }
  return descending === first ? { sort: column.sort, descending: !first } : { sort: undefined, descending: false }
}
