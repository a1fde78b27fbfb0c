import type { SeriesPoint } from '../../shared/contract/evidence.ts'
import { meanInterval } from '../../shared/domain/stats/interval.ts'
import { takeTurns } from '../interchange/turns.ts'
import { listCompletedRuns, listScores } from '../library/benchmarks.ts'
import { findFacts } from '../library/facts.ts'
import { countUses, versionCosts } from '../library/measurements.ts'
import { listVersions } from '../library/versions.ts'
import type { Context } from './context.ts'
import { QUALITY_SCALE } from './evidence.ts'

/** What each version did, oldest first. Its newest completed run stands for its quality. */
export async function seriesOf(context: Context, skillId: string): Promise<SeriesPoint[]> {
  const rest = takeTurns()
  const series: SeriesPoint[] = []
  for (const version of listVersions(context.library, skillId).reverse()) {
    series.push({
      versionId: version.id,
      tokens: findFacts(context.library, version.id)?.tokens ?? null,
      quality: qualityOf(context, version.id),
      costMicrocents: versionCosts(context.library, version.id).cost,
      averageRating: version.average_rating,
      totalRatings: version.total_ratings,
      uses: countUses(context.library, version.id),
    })
    await rest()
  }
  return series
}

function qualityOf(context: Context, versionId: string): SeriesPoint['quality'] {
  const [run] = listCompletedRuns(context.library, versionId)
  if (!run) return null
  const byCase = new Map<string, number[]>()
  for (const score of listScores(context.library, run.id))
    if (score.quality_score !== null)
      byCase.set(score.case_id, [...(byCase.get(score.case_id) ?? []), score.quality_score])
  if (byCase.size === 0) return null
  const { mean, low, high } = meanInterval([...byCase.values()], { scale: QUALITY_SCALE })
  const alike = [run.case_set_hash, run.judge_model, run.judge_prompt_hash, run.models].join(' ')
  return { mean, low, high, runId: run.id, alike }
}
