import { APICallError } from 'ai'
import { BrokenAnswer, TookTooLong } from './model.ts'

/** Why a model gave no answer, said to a person. */
export type ModelFailure = {
  code:
    | 'key'
    | 'credit'
    | 'rate-limit'
    | 'model'
    | 'unreachable'
    | 'tls'
    | 'overloaded'
    | 'too-long'
    | 'refused'
    | 'cut'
    | 'malformed'
    | 'timeout'
    | 'missing-file'
    | 'unexpected'
  words: string
  /** The same request may do better a moment later. */
  retry: boolean
  /** What the provider asks for: no sooner than that. */
  retryAfterMs?: number
  /** Every other cell would meet the same: the run stops and waits for a person. */
  stops: boolean
  /** The provider had begun to answer, so the request may have to be paid for. */
  begun: boolean
}
/** What a case brings is not here (any more): nobody was asked, and nothing was measured. */
export const missingFile = (path: string): ModelFailure => ({
  code: 'missing-file',
  words: `Not asked: the case’s file “${path}” is not on this computer any more, or is damaged.`,
  retry: false,
  stops: false,
  begun: false,
})

/** `key`: taken out of whatever a provider says, for some repeat it. */
type Where = { provider: string; model: string; now: number; key: string | undefined }

const TLS = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_OSSL|EPROTO/
const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT/

/** What went wrong, in words. The provider's own sentence is quoted where ours would say less, without the key. */
export function failureOf(error: unknown, where: Where): ModelFailure {
  const failure = classify(error, where)
  return where.key ? { ...failure, words: failure.words.replaceAll(where.key, '…') } : failure
}

function classify(error: unknown, where: Where): ModelFailure {
  if (error instanceof TookTooLong)
    return fail('timeout', `${where.model} did not answer in time.`, { retry: true, begun: true })
  if (error instanceof BrokenAnswer) {
    const call = APICallError.isInstance(error.cause) ? failureOfCall(error.cause, where) : undefined
    if (call && call.code !== 'unexpected') return { ...call, begun: error.begun }
    const overloaded = /overloaded/i.test(sentenceOf(error.cause))
    if (overloaded) return fail('overloaded', `${where.provider} is overloaded.`, { retry: true, begun: error.begun })
    return fail('malformed', `${where.provider} gave an answer that could not be read to its end.`, {
      retry: true,
      begun: true,
    })
  }
  if (APICallError.isInstance(error)) return failureOfCall(error, where)
  const code = codeOf(error)
  if (/UND_ERR_SOCKET|ECONNRESET|EPIPE|ABORTED/.test(code) || sentenceOf(error) === 'terminated')
    return fail('cut', `The connection to ${where.provider} was cut.`, { retry: true, begun: true })
  if (/Expected a normalized|TypeValidation|JSONParse|InvalidResponseData/.test(`${error}`))
    return fail('malformed', `${where.provider} gave an answer that is not of its format.`, {
      retry: true,
      begun: true,
    })
  return fail('unexpected', `${where.provider}: ${clip(sentenceOf(error))}`, { retry: false })
}

function failureOfCall(error: APICallError, where: Where): ModelFailure {
  const { provider, model } = where
  const said = `${error.message} ${error.responseBody ?? ''}`
  const status = error.statusCode
  if (status === undefined) return failureOfConnection(error, where)
  const retryAfterMs = retryAfter(error.responseHeaders ?? {}, where.now)
  const quoted = clip(error.message)
  if (
    /insufficient_quota|credit balance|billing|payment required|exceeded your current quota/i.test(said) ||
    status === 402
  )
    return fail('credit', `${provider} says that there is no credit left: “${quoted}”`, { stops: true })
  if (status === 401 || /invalid.{0,5}api.?key|API_KEY_INVALID/i.test(said))
    return fail('key', `${provider} does not accept the key.`, { stops: true })
  if (status === 403) return fail('key', `${provider} does not allow this key to do that: “${quoted}”`, { stops: true })
  if (status === 404 || /model.{0,60}(not found|does not exist|not exist|unknown)|model_not_found/i.test(said))
    return fail('model', `${provider} knows no model “${model}”.`, { stops: true })
  if (status === 429)
    return fail('rate-limit', `${provider} limits how much may be asked at a time.`, { retry: true, retryAfterMs })
  if (status === 413 || /context.{0,10}(length|window)|too long|maximum context|too many tokens/i.test(said))
    return fail('too-long', `That is more than ${model} can take: “${quoted}”`, {})
  if (status === 408 || status === 409 || status >= 500)
    return fail('overloaded', `${provider} could not answer (status ${status}).`, { retry: true, retryAfterMs })
  if (status === 200) return fail('cut', `The connection to ${provider} was cut.`, { retry: true, begun: true })
  return fail('refused', `${provider} refused the request (status ${status}): “${quoted}”`, {})
}

function failureOfConnection(error: APICallError, where: Where): ModelFailure {
  const code = codeOf(error)
  if (TLS.test(code))
    return fail('tls', `The connection to ${where.provider} is not to be trusted: ${code}.`, { stops: true })
  if (UNREACHABLE.test(code))
    return fail('unreachable', `${where.provider} cannot be reached: ${host(error.url)} does not answer.`, {
      retry: true,
      stops: true,
    })
  return fail('cut', `The connection to ${where.provider} was cut.`, { retry: true, begun: true })
}

const fail = (
  code: ModelFailure['code'],
  words: string,
  more: Partial<Pick<ModelFailure, 'retry' | 'stops' | 'begun' | 'retryAfterMs'>>,
): ModelFailure => ({ code, words, retry: false, stops: false, begun: false, ...more })

/** Seconds or a date (RFC 9110, 10.2.3), or OpenAI's and Anthropic's milliseconds. Undefined where it says nothing. */
export function retryAfter(headers: Record<string, string>, now: number): number | undefined {
  const ms = Number(headers['retry-after-ms'])
  if (headers['retry-after-ms'] !== undefined && Number.isFinite(ms) && ms >= 0) return ms
  const given = headers['retry-after']
  if (given === undefined || given.trim() === '') return undefined
  const seconds = Number(given)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(given)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** The first code down the chain of causes. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0])
  }
  return ''
}

const sentenceOf = (error: unknown): string => {
  if (error instanceof Error) return error.message
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message)
  return String(error)
}

/** Keys look like that with every provider named here; a message that repeats one is not passed on with it. */
const KEYS = /\b(sk|key|AIza|xai|gsk|pk)[-_]?[A-Za-z0-9_-]{12,}/g
const clip = (text: string): string => {
  const plain = text.replace(KEYS, '…').replace(/\s+/g, ' ').trim()
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain
}

const host = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)
