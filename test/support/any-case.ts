import fc from 'fast-check'
import type { ImportedCase } from '../../electron/interchange/case-forms.ts'
import type { Assertion } from '../../shared/domain/benchmark/assertion.ts'

/** Text as authors and attackers write it: templates, quotes, line breaks, markup, formulas. */
const nasty = fc.constantFrom(
  '{{x}}',
  '{% raw %}',
  '{% endraw %}',
  '"',
  ',',
  '\r\n',
  '\n',
  '=1+1',
  '---',
  '# ',
  ': ',
  'contains:',
  '__proto__',
  ' ',
  'file://x',
  '🙂',
  '%',
  '\t',
  'not-',
)
const text = fc
  .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), nasty), { minLength: 1, maxLength: 5 })
  .map(parts => parts.join(''))
  .filter(one => one.length > 0 && !one.includes('\0'))
const trimmed = text.map(one => one.trim()).filter(one => one.length > 0)
const ignoreCase = fc.constantFrom<{ ignoreCase?: true }>({}, { ignoreCase: true })
const not = fc.constantFrom<{ not?: true }>({}, { not: true })

const body: fc.Arbitrary<Assertion> = fc.oneof(
  fc.record({ value: text }).chain(one => ignoreCase.map(more => ({ type: 'equals' as const, ...one, ...more }))),
  fc.record({ value: text }).chain(one => ignoreCase.map(more => ({ type: 'contains' as const, ...one, ...more }))),
  fc
    .record({ values: fc.array(text, { minLength: 1, maxLength: 3 }) })
    .chain(one => ignoreCase.map(more => ({ type: 'contains-all' as const, ...one, ...more }))),
  fc
    .record({ values: fc.array(text, { minLength: 1, maxLength: 3 }) })
    .chain(one => ignoreCase.map(more => ({ type: 'contains-any' as const, ...one, ...more }))),
  fc.record({ type: fc.constant('starts-with' as const), value: text }),
  fc.oneof(
    fc.record({ type: fc.constant('regex' as const), value: text }),
    fc.record({ type: fc.constant('regex' as const), value: text, flags: fc.constantFrom('i', 'im', 's') }),
  ),
  fc.oneof(
    fc.record({ type: fc.constant('json' as const), where: fc.constantFrom('whole' as const, 'within' as const) }),
    fc.record({
      type: fc.constant('json' as const),
      where: fc.constantFrom('whole' as const, 'within' as const),
      schema: fc.oneof(
        fc.boolean(),
        fc.dictionary(fc.constantFrom('type', 'const', 'required'), fc.constantFrom('object', 'a', 'b')),
      ),
    }),
  ),
  fc.record({ type: fc.constant('similar' as const), value: text, threshold: fc.constantFrom(0, 0.5, 0.75, 0.8, 1) }),
  fc.oneof(
    fc.record({
      type: fc.constant('length' as const),
      unit: fc.constantFrom('characters' as const, 'words' as const, 'lines' as const),
      max: fc.nat(1000),
    }),
    fc.record({
      type: fc.constant('length' as const),
      unit: fc.constantFrom('characters' as const, 'words' as const),
      min: fc.nat(10),
      max: fc.nat(1000),
    }),
  ),
  fc.record({ type: fc.constant('latency' as const), maxMs: fc.constantFrom(1, 250.5, 5_000) }),
  fc.record({ type: fc.constant('cost' as const), maxMicrocents: fc.constantFrom(1, 333, 1_000_000, 7.5) }),
  fc.oneof(
    fc.record({ type: fc.constant('rubric' as const), value: text }),
    fc.record({ type: fc.constant('rubric' as const), value: text, threshold: fc.constantFrom(0.5, 1) }),
  ),
  fc.record({
    type: fc.constant('unsupported' as const),
    name: fc.constant('javascript'),
    source: fc.constant({ type: 'javascript', value: 'output.length > 3' }),
  }),
)
const anyAssertion: fc.Arbitrary<Assertion> = fc
  .tuple(body, not, fc.constantFrom<{ weight?: number }>({}, { weight: 2 }, { weight: 0.5 }))
  .map(([one, turned, weight]) => (one.type === 'unsupported' ? one : { ...one, ...turned, ...weight }))

/** Any case an author may write, without files. */
export const anyCase: fc.Arbitrary<ImportedCase> = fc.record({
  key: fc.constant(null),
  name: trimmed,
  prompt: text,
  expectedOutput: fc.option(text),
  assertions: fc.array(anyAssertion, { maxLength: 4 }),
  files: fc.constant([]),
  tags: fc.uniqueArray(
    trimmed.filter(one => !/[\r\n]/.test(one)),
    { maxLength: 3 },
  ),
  weight: fc.constantFrom(1, 0, 2.5),
})

export const withoutKeys = (cases: readonly ImportedCase[]) => cases.map(({ key: _, ...one }) => one)
