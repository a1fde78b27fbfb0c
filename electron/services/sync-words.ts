import { z } from 'zod'
import type { Library } from '../library/library.ts'
import type { OutboxRecord } from '../library/schema-local.ts'
import { findVersion } from '../library/versions.ts'

/** What a queued change did, as its author would say it: 'Save a version of pdf-forms: “Say which fields are required”'. */
export function sayChange(library: Library, change: OutboxRecord): string {
  const skill = nameOfSkill(library, change.skill_id)
  const payload = payloadShape.parse(JSON.parse(change.payload))
  switch (change.entity) {
    case 'skill':
      return saySkill(library, change, skill, payload)
    case 'version':
      return `Save a version of ${skill}${quoted(findVersion(library, change.entity_id)?.message)}`
    case 'rating':
      return change.operation === 'delete'
        ? `Take back a rating of ${skill}`
        : sayRating(library, change, skill, payload)
    case 'feedback':
      if (change.operation === 'delete') return `Take back feedback on ${skill}`
      return change.operation === 'review'
        ? `Review feedback on ${skill}${payload.status === undefined ? '' : `: ${payload.status}`}`
        : `Send feedback on ${skill}`
    case 'measurement':
      return `Send a token measurement of ${skill}`
    case 'usage_event':
      return `Count a use of ${skill}`
    case 'benchmark_case':
      return `${change.operation === 'delete' ? 'Remove' : 'Keep'} a benchmark case of ${skill}`
    case 'benchmark_run':
      return `${change.operation === 'delete' ? 'Remove' : 'Send'} a benchmark run of ${skill}`
    case 'benchmark_result':
      return `Send a benchmark result of ${skill}`
    default:
      return `Send a change of ${skill} (${change.entity})`
  }
}

const payloadShape = z.looseObject({
  status: z.string().optional().catch(undefined),
  rating: z.number().optional().catch(undefined),
  versionId: z.string().nullish().catch(undefined),
  slug: z.string().optional().catch(undefined),
  tags: z.unknown().optional(),
  category: z.unknown().optional(),
})
type Payload = z.infer<typeof payloadShape>

function saySkill(library: Library, change: OutboxRecord, skill: string, payload: Payload): string {
  switch (change.operation) {
    case 'insert':
      return `Add the skill ${skill}`
    case 'delete':
      return `Delete the skill ${skill}`
    case 'publish':
      return payload.versionId
        ? `Publish ${nameOfVersion(library, payload.versionId)} of ${skill}`
        : `Take back what is published of ${skill}`
    default:
      if (payload.status === 'archived') return `Archive ${skill}`
      if (payload.status !== undefined) return `Bring ${skill} back`
      if (payload.slug !== undefined) return `Rename ${skill}`
      return payload.tags !== undefined || payload.category !== undefined
        ? `Change the category or tags of ${skill}`
        : `Change ${skill}`
  }
}

function sayRating(library: Library, change: OutboxRecord, skill: string, payload: Payload): string {
  const row = library.find<{ rating: number; skill_version_id: string }>(
    'SELECT rating, skill_version_id FROM ratings WHERE id = ?',
    change.entity_id,
  )
  const stars = row?.rating ?? payload.rating
  const of = row ? `${nameOfVersion(library, row.skill_version_id)} of ${skill}` : skill
  return stars === undefined ? `Rate ${of}` : `Rate ${of}: ${stars} of 5`
}

export function nameOfSkill(library: Library, id: string | null): string {
  if (id === null) return 'this team'
  return (
    library.find<{ name: string }>('SELECT name FROM skills WHERE id = ?', id)?.name ?? 'a skill that is no longer here'
  )
}

/** 'v5'; one that the registry has not numbered yet is called by what it says. */
export function nameOfVersion(library: Library, id: string | null): string {
  const version = id === null ? undefined : findVersion(library, id)
  if (!version) return 'a version that is not here'
  return version.version === null ? `the new version${quoted(version.message)}` : `v${version.version}`
}

/** ': “the first line”', or nothing. */
function quoted(message: string | undefined): string {
  const first = message?.split('\n', 1)[0]?.trim() ?? ''
  if (first === '') return ''
  return ` “${first.length > QUOTED ? `${first.slice(0, QUOTED - 1).trimEnd()}…` : first}”`
}
const QUOTED = 80
