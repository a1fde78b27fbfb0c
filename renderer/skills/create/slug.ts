import { isSlug } from '../../../shared/domain/slug.ts'

/** Agent Skills specification: 1–64 of a–z, 0–9 and single hyphens between them; it is the folder's name, too. */
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/
export const SLUG_LENGTH = 64
export const DESCRIPTION_LENGTH = 1_024

/** What is wrong with a skill's name, in one sentence; undefined when nothing is. */
export function slugProblem(slug: string): string | undefined {
  if (slug === '') return undefined
  if (/[A-Z]/.test(slug)) return 'Only lowercase letters: a name is the same on every system.'
  if (/\s/.test(slug)) return 'No spaces; put a hyphen between words.'
  if (/[^a-z0-9-]/.test(slug)) return `Only a–z, 0–9 and hyphens; “${strangeOnes(slug)}” cannot be in a name.`
  if (slug.startsWith('-') || slug.endsWith('-')) return 'A hyphen stands between words, not at an end.'
  if (slug.includes('--')) return 'One hyphen between words is enough.'
  if (slug.length > SLUG_LENGTH) return `${slug.length} characters; a name may have ${SLUG_LENGTH}.`
  if (!isSlug(slug)) return `“${slug}” is a reserved name on Windows.`
  return SLUG.test(slug) ? undefined : 'That is no name for a skill.'
}

/** The nearest name that is allowed, to be offered: 'PDF Forms!' → 'pdf-forms'. Empty when nothing is left. */
export const slugFrom = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH)
    .replaceAll(/^-+|-+$/g, '')

/** Lengths are code points, as the specification counts. */
export const lengthOf = (text: string): number => [...text].length

const strangeOnes = (slug: string): string => [...new Set(slug.match(/[^a-z0-9-]/gu))].join('')
