import type { News } from '../../shared/contract/sync.ts'
import { count } from '../ui/format.ts'

/** 'Grace saved 2 versions of pdf-forms; 3 other skills changed too. 1 new rating of csv. 1 thing needs you.' */
export function sayNews({ versions, feedback, ratings, conflicts }: News): string {
  const [first, ...others] = versions
  const sum = (items: readonly { items: number }[]) => items.reduce((total, each) => total + each.items, 0)
  const skills = new Set(others.map(each => each.skillId).filter(id => id !== first?.skillId)).size
  const parts = [
    first &&
      `${first.by} saved ${first.versions === 1 ? 'a version' : count(first.versions, 'version')} of ${first.skillName}${skills > 0 ? `; ${count(skills, 'other skill')} changed too` : ''}.`,
    feedback.length > 0 && `${count(sum(feedback), 'new feedback item')} on ${nameThem(feedback)}.`,
    ratings.length > 0 && `${count(sum(ratings), 'new rating')} of ${nameThem(ratings)}.`,
    conflicts > 0 && `${count(conflicts, 'thing needs', 'things need')} you.`,
  ]
  return parts.filter(Boolean).join(' ')
}

const nameThem = (skills: readonly { skillName: string }[]): string =>
  skills.length === 1 ? (skills[0]?.skillName ?? '') : count(skills.length, 'skill')
