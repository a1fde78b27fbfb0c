import { useMemo } from 'react'
import type { Comparison } from '../../shared/contract/compare.ts'
import { refine } from '../../shared/domain/diff/words.ts'
import classes from './compare.module.css'

type Field = Comparison['fields'][number]
const SIGNS = { added: '+', removed: '−', changed: '±' } as const

/** The frontmatter as fields: added, removed, and changed word by word. */
export function FieldsPanel({ fields }: { fields: readonly Field[] }) {
  if (fields.length === 0) return null
  return (
    <section className={classes.fields} aria-label="Frontmatter">
      {fields.map(field => (
        <div key={field.key} className={classes.field}>
          <span className={classes.kind} data-kind={field.kind}>
            <span aria-hidden>{SIGNS[field.kind]}</span> {field.kind}
          </span>
          <code className={classes.key}>{field.key}</code>
          <span className={classes.value}>
            {field.kind === 'added' && <ins>{field.right}</ins>}
            {field.kind === 'removed' && <del>{field.left}</del>}
            {field.kind === 'changed' && <Words left={field.left ?? ''} right={field.right ?? ''} />}
          </span>
          {field.kind === 'changed' && <span className={classes.lengths}>{lengths(field)}</span>}
        </div>
      ))}
    </section>
  )
}

const lengths = ({ left = '', right = '' }: Field): string =>
  left.length > 40 || right.length > 40 ? `${[...left].length} → ${[...right].length} characters` : ''

/** One text with what went and what came, in place. */
function Words({ left, right }: { left: string; right: string }) {
  const pieces = useMemo(() => piecesOf(left, right), [left, right])
  return (
    <>
      {pieces.map(piece =>
        piece.kind === 'same' ? (
          <span key={piece.key}>{piece.text}</span>
        ) : piece.kind === 'removed' ? (
          <del key={piece.key}>{piece.text}</del>
        ) : (
          <ins key={piece.key}>{piece.text}</ins>
        ),
      )}
    </>
  )
}

type Piece = { key: string; kind: 'same' | 'removed' | 'added'; text: string }

export function piecesOf(left: string, right: string): Piece[] {
  const pieces: Piece[] = []
  const push = (kind: Piece['kind'], text: string, at: number): void => {
    if (text !== '') pieces.push({ key: `${kind} ${at}`, kind, text })
  }
  let at = 0
  for (const range of refine(left, right, { budgetMs: 50 })) {
    push('same', right.slice(at, range.bFrom), at)
    push('removed', left.slice(range.aFrom, range.aTo), range.aFrom)
    push('added', right.slice(range.bFrom, range.bTo), range.bFrom)
    at = range.bTo
  }
  push('same', right.slice(at), at)
  return pieces
}
