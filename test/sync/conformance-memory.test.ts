import { describeRemote } from './conformance.ts'
import { memoryTeam } from './memory-team.ts'

describeRemote('in memory', memoryTeam)
