import MarkdownIt from 'markdown-it'
import { expect, test } from 'vitest'
import { writeJUnit } from './junit.ts'
import { writeMarkdown } from './markdown.ts'
import type { ReportedRun } from './report.ts'

const HOSTILE = [
  'a | b | c',
  'a\n| --- |\n| x |',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[see](https://x.example)',
  '![x](https://x.example/p.png)',
  '<https://x.example>',
  'https://x.example',
  'www.google.com',
  '`code` **bold** ~~gone~~ # head',
  '\\| \\',
  ']]>',
  '"><failure message="x',
  '&lt;b&gt;',
  '\u001b]52;c;x\u0007\u202egnp\u0000\uffff\ud800',
  '- list\n> quote\n\n# Title',
]

const hostileRun = (name: string): ReportedRun => ({
  skill: name,
  label: name,
  baseline: false,
  status: name,
  createdAt: Date.UTC(2026, 9, 18),
  caseSetHash: 'abc',
  models: [name],
  judgeModel: name,
  priceTableDate: name,
  source: name,
  results: [null, name].map(error => ({
    caseName: name,
    model: name,
    repeat: 2,
    quality: 50,
    matches: false,
    latencyMs: 1,
    costMicrocents: 1,
    tokens: 1,
    error,
    notes: name,
    output: name,
    assertions: [{ text: name, type: name, passed: false, evidence: name }],
    counts: null,
  })),
})

test.each(HOSTILE)('as Markdown, %j is text in its cell: no markup, no link, no image', name => {
  const html = new MarkdownIt({ html: true, linkify: true }).render(writeMarkdown([hostileRun(name)]))
  const tags = new Set(html.match(/<[a-z][a-z0-9]*/gi) ?? [])
  const ours = ['<h1', '<h2', '<table', '<thead', '<tbody', '<tr', '<th', '<td', '<ul', '<li', '<p', '<strong']
  expect([...tags].filter(tag => !ours.includes(tag))).toEqual([])
  const [summary = '', cases = ''] = html.match(/<tbody>[\s\S]*?<\/tbody>/g) ?? []
  expect([summary.match(/<td/g)?.length, summary.match(/<tr/g)?.length]).toEqual([10, 1])
  expect([cases.match(/<td/g)?.length, cases.match(/<tr/g)?.length]).toEqual([2, 1])
  expect(html.match(/<h2/g)).toHaveLength(2)
})

test.each(HOSTILE)('as JUnit, %j stays inside its attribute and its element', name => {
  const xml = writeJUnit([hostileRun(name)])
  expect(xml.match(/<testcase /g)).toHaveLength(2)
  expect(xml.match(/<failure /g)).toHaveLength(1)
  expect(
    xml.match(/<(?!\/?(testsuites|testsuite|properties|property|testcase|failure|error|system-out)\b|\?xml)/g),
  ).toBeNull()
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/)
  expect(xml.isWellFormed()).toBe(true)
})
