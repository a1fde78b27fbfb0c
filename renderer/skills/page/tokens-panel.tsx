import { useQuery } from '@tanstack/react-query'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { isSkillMd } from '../../../shared/domain/bundle.ts'
import { api } from '../../api.ts'
import { bytes, signed, tokens as writeTokens } from '../../ui/format.ts'
import classes from './panel.module.css'
import { countInWorker } from './token-counter.ts'
import type { Tokens } from './use-skill.ts'

const TIERS = [
  ['always', 'Always', 'Name and description: in every session'],
  ['onTrigger', 'On trigger', 'The body of SKILL.md: when the skill is used'],
  ['onDemand', 'On demand', 'Every other text file: when the agent opens it'],
] as const

/** What the skill costs an agent, by when it pays, and by file. */
export function TokensPanel({ working, tokens }: { working: WorkingCopy; tokens: Tokens | undefined }) {
  return (
    <div className={classes.panel}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Loaded</th>
            <th scope="col">Tokens</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {TIERS.map(([key, name, hint]) => (
            <tr key={key}>
              <th scope="row" title={hint}>
                {name}
              </th>
              <td>{writeTokens(tokens?.now[key])}</td>
              <td>{tokens?.before ? signed(tokens.now[key] - tokens.before[key]) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>By file</h3>
      <table className={classes.table}>
        <tbody>
          {working.files.map(file => (
            <FileTokens key={file.path} skillId={working.skillId} {...file} />
          ))}
        </tbody>
      </table>
      <p className={classes.dim}>
        ≈ an estimate by one public tokenizer (o200k); models count a little differently. The change is against the
        newest version.
      </p>
    </div>
  )
}

/** Above this a file is data, not text that an agent would read whole. */
const COUNTED_BYTES = 2_000_000

function FileTokens({ skillId, path, sha256, size }: { skillId: string; path: string; sha256: string; size: number }) {
  const counted = useQuery({
    queryKey: ['tokens', sha256],
    enabled: size <= COUNTED_BYTES,
    placeholderData: before => before,
    queryFn: async () => {
      const file = await api.files.read({ of: { kind: 'working', skillId }, path })
      return file.kind === 'text' ? await countInWorker(file.text) : null
    },
  })
  return (
    <tr>
      <th scope="row" className={classes.path} title={isSkillMd(path) ? 'with its frontmatter' : undefined}>
        {path}
      </th>
      <td>
        {typeof counted.data === 'number'
          ? writeTokens(counted.data)
          : counted.data === null
            ? 'not text'
            : size > COUNTED_BYTES
              ? 'not counted'
              : '–'}
      </td>
      <td>{bytes(size)}</td>
    </tr>
  )
}
