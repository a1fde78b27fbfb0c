import { describeRemote } from './conformance.ts'
import { memoryTeam } from './memory-team.ts'

/** The model that simulations trust is held to what the real registry is held to (remote.long.test.ts). */
describeRemote('in memory', memoryTeam)
