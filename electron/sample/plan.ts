/**
 * The story the invented figures tell, in the fewest numbers: make-results.ts turns them into rows. `quality` is the mean a
 * run aims at (0–100); cases, models and repeats scatter round it. Runs of versions with the same content share a `likeVersion`,
 * so that they differ by chance alone.
 */
export type RunPlan = {
  version: number | 'baseline'
  daysAgo: number
  quality: number
  likeVersion?: number
  caseSet?: string
  judge?: string
  priceTableDate?: string
  repeats?: number
  models?: readonly string[]
  status?: 'completed' | 'failed' | 'cancelled'
  triggeredBy: string
  /** Factor on the length of answers. */
  length?: number
  /** `case/model/repeat`: the judge gave no score that could be read. */
  unjudged?: string[]
  /** `case/model/repeat`: the model's provider gave no answer. */
  unanswered?: string[]
}
export type SkillPlan = {
  /** How often each version was used. */
  uses: Record<number, number>
  /** Cases that come out differently each time. */
  flaky?: string[]
  runs: RunPlan[]
}

const LARGE = 'northwind-large'
const SMALL = 'northwind-small'
const LOCAL = 'kestrel-8b'

export const DEFAULTS = {
  caseSet: 'all',
  judge: 'plumb',
  priceTableDate: '2026-10-01',
  repeats: 2,
  models: [LARGE, SMALL],
  status: 'completed',
} as const

export const PLANS: Record<string, SkillPlan> = {
  // A failed run, and nothing measured: the provider refused the key.
  'api-docs': {
    uses: { 1: 3, 2: 4, 3: 5, 4: 14, 5: 1 },
    runs: [{ version: 4, daysAgo: 33, quality: 0, status: 'failed', triggeredBy: 'priya' }],
  },
  // 2 → 3 worse, 3 → 4 much better, 4 → 5 equal and cheaper; one model has no price.
  'commit-messages': {
    uses: { 1: 4, 2: 8, 3: 4, 4: 14, 5: 22 },
    flaky: ['house-prefix'],
    runs: [
      { version: 'baseline', daysAgo: 98, quality: 56, models: [SMALL, LOCAL], triggeredBy: 'helen', length: 0.7 },
      { version: 2, daysAgo: 97, quality: 69, models: [SMALL, LOCAL], triggeredBy: 'helen', length: 0.6 },
      {
        version: 3,
        daysAgo: 72,
        quality: 60,
        models: [SMALL, LOCAL],
        triggeredBy: 'tomas',
        length: 0.6,
        unjudged: ['ticket/kestrel-8b/2'],
      },
      { version: 4, daysAgo: 61, quality: 79, models: [SMALL, LOCAL], triggeredBy: 'helen', length: 0.6 },
      {
        version: 5,
        daysAgo: 25,
        quality: 78.5,
        models: [SMALL, LOCAL],
        triggeredBy: 'mira',
        length: 0.6,
        unanswered: ['migration/kestrel-8b/1'],
      },
    ],
  },
  // 3 → 4 the same; 4 → 5 worse, and so 5 was never published.
  'csv-cleaning': {
    uses: { 1: 3, 2: 3, 3: 10, 4: 16, 5: 3 },
    runs: [
      { version: 'baseline', daysAgo: 77, quality: 58, triggeredBy: 'jonas' },
      { version: 3, daysAgo: 76, quality: 80, triggeredBy: 'priya' },
      { version: 4, daysAgo: 46, quality: 80.5, triggeredBy: 'jonas', unjudged: ['names/northwind-small/1'] },
      { version: 5, daysAgo: 10, quality: 66, triggeredBy: 'tomas', length: 0.8 },
    ],
  },
  'handover-notes': { uses: { 1: 2, 2: 6, 3: 1 }, runs: [] },
  'hotfix-notes': { uses: { 1: 1, 2: 3, 3: 3 }, runs: [] },
  // Two runs that must not be compared: another judge's prompt. Version 5 has not been measured.
  'incident-report': {
    uses: { 1: 2, 2: 3, 3: 4, 4: 7, 5: 1 },
    runs: [
      { version: 3, daysAgo: 54, quality: 74, triggeredBy: 'helen', length: 1.8 },
      { version: 4, daysAgo: 28, quality: 70, judge: 'plumb-strict', triggeredBy: 'mira', length: 1.8 },
    ],
  },
  // 1 over ten cases and old prices; 3 → 4 cheaper at equal quality; 4 → 6 better.
  'pdf-forms': {
    uses: { 1: 4, 2: 4, 3: 10, 4: 9, 5: 8, 6: 18 },
    flaky: ['useless-names'],
    runs: [
      {
        version: 1,
        daysAgo: 118,
        quality: 58,
        caseSet: 'first-ten',
        priceTableDate: '2026-06-01',
        triggeredBy: 'priya',
        length: 1.6,
      },
      { version: 'baseline', daysAgo: 96, quality: 47, repeats: 3, triggeredBy: 'tomas', length: 1.7 },
      { version: 3, daysAgo: 95, quality: 72, repeats: 3, triggeredBy: 'tomas' },
      {
        version: 4,
        daysAgo: 63,
        quality: 72,
        repeats: 3,
        triggeredBy: 'priya',
        unjudged: ['batch/northwind-small/2', 'batch/northwind-small/3'],
      },
      {
        version: 6,
        daysAgo: 15,
        quality: 82,
        repeats: 3,
        triggeredBy: 'priya',
        length: 1.1,
        unanswered: ['radio-group/northwind-small/3'],
      },
    ],
  },
  // 2 → 4 better; 4 → 5 worse; 6 is 4 again; 6 → 7 cannot tell yet.
  'release-notes': {
    uses: { 1: 3, 2: 7, 3: 2, 4: 8, 5: 4, 6: 15, 7: 3 },
    flaky: ['many-fixes'],
    runs: [
      { version: 'baseline', daysAgo: 60, quality: 51, triggeredBy: 'mira', length: 1.3 },
      { version: 2, daysAgo: 60, quality: 66, triggeredBy: 'mira' },
      { version: 4, daysAgo: 56, quality: 74.5, triggeredBy: 'mira' },
      {
        version: 5,
        daysAgo: 37,
        quality: 63,
        triggeredBy: 'mira',
        length: 0.8,
        unjudged: ['not-sure-breaking/northwind-small/1'],
      },
      { version: 6, likeVersion: 4, daysAgo: 32, quality: 74.5, triggeredBy: 'mira' },
      { version: 7, daysAgo: 8, quality: 73, triggeredBy: 'jonas' },
    ],
  },
  // 2 → 3 and 2 → 4 cannot tell: each helps a few cases only; the merge 5 is better than either.
  'sql-review': {
    uses: { 1: 3, 2: 8, 3: 4, 4: 3, 5: 16, 6: 4 },
    flaky: ['bad-estimate'],
    runs: [
      { version: 'baseline', daysAgo: 82, quality: 57, triggeredBy: 'tomas' },
      { version: 2, daysAgo: 82, quality: 68, triggeredBy: 'tomas' },
      { version: 3, daysAgo: 79, quality: 72, triggeredBy: 'jonas' },
      { version: 4, daysAgo: 79, quality: 71, triggeredBy: 'priya' },
      { version: 5, daysAgo: 71, quality: 79, triggeredBy: 'tomas', unjudged: ['nothing-wrong/northwind-small/2'] },
    ],
  },
}
