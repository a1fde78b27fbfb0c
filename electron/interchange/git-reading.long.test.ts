import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  git,
  gitEnvironment,
  gitMissing,
  initRepository,
  writeCommits,
  writeHistories,
} from '../../test/support/git-repository.ts'
import { generateSkillHistories } from '../../test/support/skill-histories.ts'
import { readGit } from './git-history.ts'
import { findGit } from './git-process.ts'
import { RecordingSink } from './recording-sink.ts'

/** How git is found, asked and stopped. What a history becomes is in git-history.long.test.ts. */

const windows = process.platform === 'win32'
const skill = { write: 'skills/a/SKILL.md', bytes: '---\nname: a\n---\n' }
const readme = { write: 'README.md', bytes: 'x' }
const signal = () => new AbortController().signal

let root = ''
let folder = ''
let sink = new RecordingSink()
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'reading-')))
  folder = join(root, 'repository')
  sink = new RecordingSink()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const read = (path = folder, env: NodeJS.ProcessEnv = gitEnvironment()) =>
  readGit(path, sink, { signal: signal(), env })

async function makeRepository(options: { bare?: boolean } = {}): Promise<void> {
  initRepository(folder, options)
  await writeCommits(folder, [
    { message: 'one', changes: [skill, readme] },
    { message: 'two', changes: [{ write: 'skills/a/x.md', bytes: 'x' }] },
  ])
}

describe('where git cannot read', () => {
  test('no git on the PATH', async () => {
    mkdirSync(folder)
    for (const PATH of ['', join(root, 'nothing'), '.', undefined])
      expect(await read(folder, { ...gitEnvironment(), PATH })).toMatchObject({ ok: false, code: 'GIT_MISSING' })
  })

  test.skipIf(gitMissing || windows)('a git in the folder that is read is never run', async () => {
    initRepository(folder)
    writeFileSync(join(folder, 'git'), `#!/bin/sh\ntouch ${join(root, 'ran')}\n`, { mode: 0o755 })
    const before = process.cwd()
    process.chdir(folder)
    try {
      await read(folder, { ...gitEnvironment(), PATH: `.${delimiter}${delimiter}${process.env.PATH}` })
    } finally {
      process.chdir(before)
    }
    expect(existsSync(join(root, 'ran'))).toBe(false)
  })

  test.skipIf(gitMissing)('a folder without a repository, a file, nothing at all', async () => {
    mkdirSync(folder)
    const env = { ...gitEnvironment(), GIT_CEILING_DIRECTORIES: root }
    expect(await read(folder, env)).toMatchObject({ ok: false, code: 'NOT_A_REPOSITORY' })
    writeFileSync(join(root, 'file'), '')
    expect(await read(join(root, 'file'))).toMatchObject({ ok: false, code: 'NOT_A_FOLDER' })
    expect(await read(join(root, 'nowhere'))).toMatchObject({ ok: false, code: 'PLACE_MISSING' })
  })

  test.skipIf(gitMissing || process.getuid?.() !== 0)(
    'a repository of somebody else (only root can make one)',
    async () => {
      await makeRepository()
      chownSync(folder, 65534, 65534)
      chownSync(join(folder, '.git'), 65534, 65534)
      const refused = await read()
      expect(refused).toMatchObject({ ok: false, code: 'REPOSITORY_NOT_TRUSTED' })
      expect(refused.ok ? '' : refused.message).toContain(`git config --global --add safe.directory "${folder}"`)
      const config = join(root, 'config')
      writeFileSync(config, `[safe]\n\tdirectory = ${folder}\n`)
      expect(await read(folder, { ...gitEnvironment(), GIT_CONFIG_GLOBAL: config })).toMatchObject({
        ok: true,
        skills: 1,
      })
    },
  )

  /** The file of an object; small repositories keep each in its own. */
  const objectFile = (name: string) => {
    const oid = git(folder, 'rev-parse', name).trim()
    return join(folder, '.git/objects', oid.slice(0, 2), oid.slice(2))
  }

  test.skipIf(gitMissing)('a repository that lacks a folder’s listing: nothing is handed over as a skill', async () => {
    await makeRepository()
    rmSync(objectFile('HEAD:skills'))
    expect(await read()).toMatchObject({ ok: false, code: 'GIT_FAILED' })
    expect(sink.skills).toEqual([])
  })

  test.skipIf(gitMissing)('one that lacks a file’s content: the versions come without it', async () => {
    await makeRepository()
    rmSync(objectFile('HEAD:skills/a/x.md'))
    expect(await read()).toEqual({ ok: true, skills: 1, versions: 1 })
    expect(sink.skippedLines).toEqual(['CONTENT_MISSING skills/a/x.md'])
  })

  test.skipIf(gitMissing)(
    'one whose SKILL.md is damaged: there is no version to keep, and the report says why',
    async () => {
      await makeRepository()
      const file = objectFile('HEAD:skills/a/SKILL.md')
      chmodSync(file, 0o644)
      writeFileSync(file, 'not an object')
      expect(await read()).toEqual({ ok: true, skills: 0, versions: 0 })
      expect(sink.skippedLines).toEqual(['CONTENT_MISSING skills/a/SKILL.md', 'SKILL_MD_MISSING skills/a/SKILL.md'])
    },
  )
})

describe.skipIf(gitMissing)(
  `kinds of repositories (skipped where git is missing: ${gitMissing ?? 'it is here'})`,
  () => {
    test('one without a commit has nothing, and that is no error', async () => {
      initRepository(folder)
      expect(await read()).toEqual({ ok: true, skills: 0, versions: 0 })
    })

    test('one without a skill, too', async () => {
      initRepository(folder)
      await writeCommits(folder, [{ message: 'one', changes: [readme] }])
      expect(await read()).toEqual({ ok: true, skills: 0, versions: 0 })
    })

    test('a bare one', async () => {
      folder = join(root, 'name.git')
      await makeRepository({ bare: true })
      expect(await read()).toEqual({ ok: true, skills: 1, versions: 2 })
    })

    test('a worktree has the same origins as its repository, and its own branch', async () => {
      await makeRepository()
      await read()
      const [first] = sink.skills
      git(folder, 'worktree', 'add', '--quiet', '--detach', join(root, 'tree'), 'HEAD~1')
      sink = new RecordingSink()
      expect(await read(join(root, 'tree'))).toEqual({ ok: true, skills: 1, versions: 1 })
      expect(sink.skills[0]?.origin).toBe(first?.origin)
    })

    test('a clone has the same origins', async () => {
      await makeRepository()
      await read()
      const [first] = sink.skills
      git(root, 'clone', '--quiet', folder, 'clone')
      sink = new RecordingSink()
      await read(join(root, 'clone'))
      expect(sink.skills).toEqual([first])
    })

    test('a folder of a repository: only what is in it, with the history from elsewhere', async () => {
      initRepository(folder)
      await writeCommits(folder, [
        {
          message: 'one',
          changes: [{ write: 'old/b/SKILL.md', bytes: `b\n`.repeat(50) }, skill, { write: 'z/SKILL.md', bytes: 'z' }],
        },
        { message: 'two', changes: [{ rename: 'old/b', to: 'skills/b' }] },
        { message: 'three', changes: [{ write: 'skills/b/x.md', bytes: 'x' }] },
      ])
      git(folder, 'checkout', '--quiet', '--force', 'main')
      expect(await read(join(folder, 'skills'))).toEqual({ ok: true, skills: 2, versions: 3 })
      expect(sink.skills.map(found => found.path)).toEqual(['a', 'b'])
      expect([...sink.blobs.values()].map(bytes => Buffer.from(bytes).toString())).not.toContain('z')
      const part = sink.skills
      sink = new RecordingSink()
      await read()
      expect(sink.skills.map(found => found.origin)).toEqual(expect.arrayContaining(part.map(found => found.origin)))
      sink = new RecordingSink()
      expect(await read(join(folder, 'skills', 'a'))).toMatchObject({ skills: 1 })
      expect(sink.skills[0]).toMatchObject({ path: '', folderName: 'a' })
    })

    test('a shallow clone reads what is there, says so, and has an origin that stays when it moves on', async () => {
      await makeRepository()
      git(root, 'clone', '--quiet', '--depth=1', `file://${folder}`, 'shallow')
      expect(await read(join(root, 'shallow'))).toEqual({ ok: true, skills: 1, versions: 1 })
      expect(sink.skippedLines).toEqual(['SHALLOW '])
      const [first] = sink.skills
      await writeCommits(folder, [
        { message: 'one', changes: [skill, readme] },
        { message: 'three', changes: [{ write: 'skills/a/x.md', bytes: 'y' }] },
      ])
      git(join(root, 'shallow'), 'fetch', '--quiet', '--depth=1')
      git(join(root, 'shallow'), 'reset', '--quiet', '--hard', 'origin/main')
      sink = new RecordingSink()
      await read(join(root, 'shallow'))
      expect(sink.skills[0]?.origin).toBe(first?.origin)
      expect(sink.skills[0]?.versions).toMatchObject([{ message: 'three' }])
    })

    test('a clone without its blobs fails with a way out, and asks nobody for them', async () => {
      await makeRepository()
      git(folder, 'config', 'uploadpack.allowFilter', 'true')
      git(root, 'clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${folder}`, 'partial')
      const result = await read(join(root, 'partial'))
      if (result.ok) expect(sink.skills).toEqual([])
      else expect(result).toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('--refetch') })
      expect(git(join(root, 'partial'), 'rev-list', '--objects', '--missing=print', 'HEAD')).toContain('?')
    })

    test('SHA-256 object names', async () => {
      try {
        mkdirSync(folder)
        git(folder, 'init', '--quiet', '--object-format=sha256', '--initial-branch=main')
      } catch {
        return // This git cannot make them, so nobody here has one.
      }
      await writeCommits(folder, [{ message: 'one', changes: [skill] }])
      expect(await read()).toEqual({ ok: true, skills: 1, versions: 1 })
      expect(sink.skills[0]?.versions[0]?.sourceRef).toHaveLength(64)
    })
  },
)

describe.skipIf(gitMissing || windows)('a hostile repository or a strange setting', () => {
  test('starts no program and changes nothing', async () => {
    await makeRepository()
    await read()
    const expected = sink.skills
    const trap = join(root, 'trap')
    writeFileSync(trap, `#!/bin/sh\ntouch ${join(root, 'ran')}\ncat\n`, { mode: 0o755 })
    const settings: [string, string][] = [
      ['core.fsmonitor', trap],
      ['core.pager', trap],
      ['pager.log', trap],
      ['core.hooksPath', root],
      ['core.sshCommand', trap],
      ['diff.external', trap],
      ['diff.trap.textconv', trap],
      ['diff.trap.command', trap],
      ['filter.trap.smudge', trap],
      ['gpg.program', trap],
      ['log.showSignature', 'true'],
      ['log.decorate', 'full'],
      ['log.abbrevCommit', 'true'],
      ['log.date', 'relative'],
      ['log.follow', 'true'],
      ['log.mailmap', 'true'],
      ['format.pretty', 'oneline'],
      ['notes.displayRef', 'refs/notes/*'],
      ['color.ui', 'always'],
      ['diff.renames', 'false'],
      ['diff.relative', 'true'],
      ['diff.noprefix', 'true'],
      ['i18n.logOutputEncoding', 'ISO-8859-1'],
      ['core.quotePath', 'true'],
    ]
    for (const [name, value] of settings) git(folder, 'config', name, value)
    writeFileSync(join(folder, '.gitattributes'), '* diff=trap filter=trap\n')
    mkdirSync(join(folder, '.git/info'), { recursive: true })
    writeFileSync(join(folder, '.git/info/attributes'), '* diff=trap filter=trap\n')
    sink = new RecordingSink()
    expect(await read()).toMatchObject({ ok: true })
    expect(sink.skills).toEqual(expected)
    expect(existsSync(join(root, 'ran'))).toBe(false)
  })

  test('variables of a surrounding git (a hook sets them) point nowhere', async () => {
    await makeRepository()
    const other = join(root, 'other')
    initRepository(other)
    const env = { ...gitEnvironment(), GIT_DIR: join(other, '.git'), GIT_WORK_TREE: other, GIT_INDEX_FILE: '/nonsense' }
    expect(await read(folder, env)).toEqual({ ok: true, skills: 1, versions: 2 })
  })

  test('replaced objects and notes are not what was committed', async () => {
    await makeRepository()
    git(folder, 'notes', 'add', '-m', 'a note', 'HEAD')
    git(folder, 'replace', 'HEAD', 'HEAD~1')
    await read()
    expect(sink.skills[0]?.versions.map(version => version.message)).toEqual(['one', 'two'])
  })
})

describe.skipIf(gitMissing || windows)('cancel and failure', () => {
  /** A git that notes its process numbers before it becomes the real one. */
  async function watchedGit(): Promise<{ env: NodeJS.ProcessEnv; left: () => number[] }> {
    const real = await findGit(process.env)
    const pids = join(root, 'pids')
    mkdirSync(join(root, 'bin'))
    writeFileSync(join(root, 'bin/git'), `#!/bin/sh\necho $$ >> ${pids}\nexec ${real} "$@"\n`)
    chmodSync(join(root, 'bin/git'), 0o755)
    const isAlive = (pid: number) => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    const left = () => readFileSync(pids, 'utf8').trim().split('\n').map(Number).filter(isAlive)
    return { env: { ...gitEnvironment(), PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` }, left }
  }

  test('a cancel rejects with its reason and leaves no process, wherever it comes', async () => {
    initRepository(folder)
    await writeHistories(folder, generateSkillHistories({ chains: 60, versions: 6 }))
    const { env, left } = await watchedGit()
    const skillsAtEnd = 60
    for (const stopAt of ['first progress', 'first blob', 'blob 200', 'first skill']) {
      const controller = new AbortController()
      const stop = (at: string) => at === stopAt && controller.abort(new Error(`at ${at}`))
      let blobs = 0
      sink = new RecordingSink()
      const { blob, progress, skill: add } = sink
      sink.progress = step => {
        progress.call(sink, step)
        stop('first progress')
      }
      sink.blob = bytes => {
        blobs += 1
        stop(blobs === 1 ? 'first blob' : `blob ${blobs}`)
        return blob.call(sink, bytes)
      }
      sink.skill = found => {
        add.call(sink, found)
        stop('first skill')
      }
      await expect(readGit(folder, sink, { signal: controller.signal, env }), stopAt).rejects.toThrow(`at ${stopAt}`)
      expect(sink.skills.length, stopAt).toBeLessThan(skillsAtEnd)
      expect(left(), stopAt).toEqual([])
    }
    const cancelled = AbortSignal.abort(new Error('before'))
    await expect(readGit(folder, sink, { signal: cancelled, env })).rejects.toThrow('before')
  })

  test('what the sink throws comes out, and leaves no process', async () => {
    initRepository(folder)
    await writeHistories(folder, generateSkillHistories({ chains: 30, versions: 4 }))
    const { env, left } = await watchedGit()
    sink.blob = () => {
      throw new Error('the disk is full')
    }
    await expect(readGit(folder, sink, { signal: signal(), env })).rejects.toThrow('the disk is full')
    expect(left()).toEqual([])
  })

  test('progress is told, and ends where everything was read', async () => {
    initRepository(folder)
    await writeHistories(folder, generateSkillHistories({ chains: 60, versions: 6 }))
    await read()
    const last = sink.steps.at(-1)
    expect(sink.steps[0]?.phase).toBe('looking')
    expect(last).toMatchObject({ phase: 'reading', done: sink.blobs.size, total: sink.blobs.size })
  })
})
