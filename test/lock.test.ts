import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectDir } from './support/backend.ts'
import { completed, type Lock, missingOptional, withoutIntegrity } from './support/complete-lock.ts'

describe('the lock file', () => {
  const lock: Lock = JSON.parse(readFileSync(path.join(projectDir, 'package-lock.json'), 'utf8'))

  test('names the packages of every platform, or `npm ci` refuses it: node test/support/complete-lock.ts', () => {
    expect(missingOptional(lock)).toEqual([])
  })

  test('names no registry, so that it serves whichever is near', () => {
    expect(JSON.stringify(lock)).not.toMatch(/"resolved":"http/)
  })

  test('names the checksum of every package, of every platform: what is installed is what was chosen', () => {
    expect(withoutIntegrity(lock)).toEqual([])
    const made: Lock = {
      packages: {
        '': {},
        'node_modules/a': { version: '1.0.0', integrity: 'sha512-x' },
        'node_modules/b': { version: '1.0.0' },
        'node_modules/c': { version: '1.0.0', integrity: 'sha1-x' },
        'node_modules/d': { version: '1.0.0', inBundle: true },
      },
    }
    expect(withoutIntegrity(made)).toEqual(['b@1.0.0', 'c@1.0.0'])
  })

  test('a package of another platform that was left out is found and added', () => {
    const made: Lock = {
      packages: {
        '': {},
        'node_modules/a': {
          version: '1.0.0',
          dev: true,
          optionalDependencies: { 'b-darwin-arm64': '2.0.0', c: '3.0.0' },
        },
        'node_modules/a/node_modules/c': { version: '3.0.0' },
      },
    }
    expect(missingOptional(made)).toEqual([{ name: 'b-darwin-arm64', version: '2.0.0', by: 'node_modules/a' }])
    const whole = completed(made)
    expect(missingOptional(whole)).toEqual([])
    expect(whole.packages['node_modules/b-darwin-arm64']).toEqual({
      version: '2.0.0',
      dev: true,
      optional: true,
      os: ['darwin'],
      cpu: ['arm64'],
    })
  })

  test('one whose platform cannot be told is not guessed', () => {
    expect(() => completed({ packages: { '': { optionalDependencies: { thing: '1.0.0' } } } })).toThrow('thing@1.0.0')
  })
})
