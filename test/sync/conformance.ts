import { afterAll, beforeAll, describe } from 'vitest'
import { endings, greeting, listening, pulling, pullingBeside } from './conformance-changes.ts'
import { content } from './conformance-content.ts'
import { benchmarks, ratingsAndFeedback } from './conformance-rows.ts'
import { publishing, skills } from './conformance-skills.ts'
import { versions } from './conformance-versions.ts'
import type { MakeTeam, TeamUnderTest } from './team.ts'

/** `skip`: why it cannot be run here. `transactions`: the team can keep one open (`openPush`). */
type Options = { skip?: string | undefined; transactions?: boolean }

/**
 * What electron/sync/remote.ts promises, held against any `Remote`: the one on Postgres and a bucket, and the model that
 * simulations trust. A test makes skills of its own, so that they do not meet.
 */
export function describeRemote(name: string, makeTeam: MakeTeam, { skip, transactions }: Options = {}): void {
  describe.skipIf(skip !== undefined)(`a remote ${name}${skip ? `: ${skip}` : ''}`, () => {
    let team: TeamUnderTest
    beforeAll(async () => {
      team = await makeTeam()
    })
    afterAll(() => team?.[Symbol.asyncDispose]())
    const get = () => team
    describe('says who we are', () => greeting(get))
    describe('versions', () => versions(get))
    describe('skills', () => skills(get))
    describe('the published pointer', () => publishing(get))
    describe('ratings and feedback', () => ratingsAndFeedback(get))
    describe('cases, runs and what was measured', () => benchmarks(get))
    describe('content', () => content(get))
    describe('pulling', () => pulling(get))
    if (transactions) describe('pulling beside others', () => pullingBeside(get))
    describe('listening', () => listening(get))
    // The last: they leave another registry behind.
    describe('what ends', () => endings(get))
  })
}
