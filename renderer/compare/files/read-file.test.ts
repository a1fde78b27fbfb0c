import { describe, expect, test } from 'vitest'
import { readPageFile } from './read-file.ts'

describe('readPageFile', () => {
  test('reads text, its byte order mark and line breaks included', async () => {
    const file = new File(['\uFEFFgrüße\r\n'], 'a.md')
    expect(await readPageFile(file)).toEqual({ name: 'a.md', size: 12, kind: 'text', text: '\uFEFFgrüße\r\n' })
  })

  test('says in words what it cannot compare', async () => {
    const whyOf = async (data: BlobPart, name: string) => {
      const read = await readPageFile(new File([data], name))
      return read.kind === 'refused' ? read.why : read.kind
    }
    expect(await whyOf(new Uint8Array(5 * 1024 * 1024 + 1), 'big.md')).toMatch(/^big\.md has 5\.0 MB\. Files of up to/)
    expect(await whyOf(new Uint8Array(5 * 1024 * 1024).fill(97), 'large.md')).toBe('text')
    expect(await whyOf(new Uint8Array([0x67, 0x72, 0xfc, 0xdf, 0x65]), 'latin.txt')).toMatch(/not UTF-8/)
    expect(await whyOf(new Uint8Array([1, 0, 2]), 'data.bin')).toMatch(/is not text/)
  })

  test('takes a picture as a picture, by its ending', async () => {
    const read = await readPageFile(new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'Logo.SVG'))
    expect(read.kind === 'picture' && read.blob.type).toBe('image/svg+xml')
  })
})
