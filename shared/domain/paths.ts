/**
 * Rules for the parts of a relative path, the same for everything that a path goes into or comes out of: bundles, case files,
 * archives, agents' workspaces. A name is refused where some system gives it a meaning of its own, or where it does not look
 * like what it is. Pure; what a path may do on a disk is electron/safe-folder.ts.
 */

/** Why a part of a path is refused. `meaning`: a program reads it as something else than a file of the author's. */
export type PartProblem = { kind: 'windows' | 'invisible' | 'meaning' | 'long'; message: string }

/** File systems take 255 bytes (ext4, APFS) or 255 UTF-16 units (NTFS) a name. */
const PART_BYTES = 255

/**
 * Names that Windows keeps for devices, with any extension and with blanks before it ("Naming Files, Paths, and Namespaces",
 * Microsoft Learn). It takes the superscripts ¹²³ for digits there.
 */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[1-9¹²³]|lpt[1-9¹²³]) *(?:\.|$)/i

/**
 * The code points that HFS+ ignores in names: `next_hfs_char` in git's utf8.c. All of them are ignorable by Unicode too, so
 * `visible` takes them out, and more.
 */
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu

/** A name as a file system that ignores case, normal forms and invisible characters compares it. */
export function foldName(name: string): string {
  // Nearly all names; this runs for every file of every version of an import.
  if (/^[\x20-\x7e]*$/.test(name)) return name.toLowerCase()
  return [...visible(name).normalize('NFC')].map(foldLetter).join('').normalize('NFC')
}

const visible = (name: string): string => name.replace(IGNORABLE, '')

/** By the upper case first, so that ſ and K (the Kelvin sign) fold like S and K; ß and others that would become two stay. */
function foldLetter(letter: string): string {
  const upper = letter.toUpperCase()
  return ([...upper].length === 1 ? upper : letter).toLowerCase()
}

/**
 * `.git` in every spelling that git itself protects: any case, HFS+'s ignored characters (`is_hfs_dotgit`, utf8.c), and on
 * NTFS the short name GIT~1, blanks and dots behind it, and a stream's name (`is_ntfs_dotgit`, path.c). Beyond git, any number
 * behind the ~. Other names of git's (`.gitattributes`, `.gitmodules`, `.gitignore`) are an author's files: they run nothing
 * unless a repository's own configuration says so, and that lies in `.git`.
 */
export const isGitName = (part: string): boolean => /^(?:\.git|git~\d+)[. ]*(?::.*)?$/.test(foldName(part))

/** What shows text in another order, ends a line or cannot be written. Lone surrogates have no UTF-8. */
const DISORDER = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}\ufff9-\ufffb]/u
/**
 * Invisible, but part of how words and emoji are written: the joiners (Persian, Indic scripts, emoji of several) between two
 * visible characters, and variation selectors behind one. They do not count when names are compared.
 */
const JOINED =
  /(?<=[^\p{Default_Ignorable_Code_Point}]\p{Variation_Selector}?)[\u200c\u200d](?=[^\p{Default_Ignorable_Code_Point}])/gu
const VARIED = /(?<=[^\p{Default_Ignorable_Code_Point}\s])\p{Variation_Selector}/gu

function hasInvisible(part: string): boolean {
  if (DISORDER.test(part)) return true
  const plain = part.replace(JOINED, '').replace(VARIED, '')
  return plain !== visible(plain) || /^\s*$/u.test(plain)
}

/** Why a part of a path cannot be a name; undefined when it can be one everywhere. The part is neither empty nor a dot or two. */
export function partProblem(part: string): PartProblem | undefined {
  const problem = (kind: PartProblem['kind'], words: string): PartProblem => ({
    kind,
    message: `“${showName(part)}” ${words}.`,
  })
  if (isGitName(part)) return problem('meaning', 'is a name that git reads as a repository’s own files')
  if (part === '__proto__') return problem('meaning', 'is a name that programs in JavaScript take for something else')
  if (DEVICE.test(part) || part.endsWith('.') || part.endsWith(' '))
    return problem('windows', 'is a name that Windows does not allow')
  if (/^[\x20-\x7e]*$/.test(part)) return part.length > PART_BYTES ? tooLong(part) : undefined
  if (hasInvisible(part)) return problem('invisible', 'has invisible characters, or ones that turn the order of text')
  return new TextEncoder().encode(part).length > PART_BYTES ? tooLong(part) : undefined
}

const tooLong = (part: string): PartProblem => ({
  kind: 'long',
  message: `“${showName(part.slice(0, 40))}…” is longer than the ${PART_BYTES} bytes that a file name may have.`,
})

/** A name for a sentence: what cannot be seen, or would turn the text around it, as its code point. */
export const showName = (name: string): string =>
  name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, char => {
    const code = char.codePointAt(0) ?? 0
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  })
