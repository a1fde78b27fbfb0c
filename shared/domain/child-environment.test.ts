import { describe, expect, test } from 'vitest'
import { childEnvironment } from './child-environment.ts'

describe('the environment of a program that is started', () => {
  const environment = {
    PATH: '/bin',
    HOME: '/home/a',
    ANTHROPIC_API_KEY: 'planted',
    PGPASSWORD: 'planted',
    AWS_SECRET_ACCESS_KEY: 'planted',
    NODE_OPTIONS: '--require=evil',
    LD_PRELOAD: 'evil.so',
    WANTED: 'yes',
    TMPDIR: undefined,
  }
  test('is what every program needs and what was named, and nothing else', () => {
    expect(childEnvironment(environment)).toEqual({ PATH: '/bin', HOME: '/home/a' })
    expect(childEnvironment(environment, ['WANTED', 'NOT_THERE'])).toEqual({
      PATH: '/bin',
      HOME: '/home/a',
      WANTED: 'yes',
    })
  })

  test('takes a name as Windows spells it', () => {
    expect(childEnvironment({ Path: 'C:\\Windows', SYSTEMROOT: 'C:\\Windows' })).toEqual({
      Path: 'C:\\Windows',
      SYSTEMROOT: 'C:\\Windows',
    })
  })
})
