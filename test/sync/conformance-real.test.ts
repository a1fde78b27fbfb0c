import { noPostgres } from '../support/postgres.ts'
import { describeRemote } from './conformance.ts'
import { realTeam } from './real-team.ts'

describeRemote('on Postgres and R2’s simulator', realTeam, { skip: noPostgres, transactions: true })
