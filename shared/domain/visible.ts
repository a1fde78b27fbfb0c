/**
 * Text of strangers for a terminal: a terminal obeys control characters (it sets its title, writes the clipboard, clears the screen),
 * and direction marks show a name as another one. Each is written as `\uXXXX`, which in JSON says the same character.
 */

/** C0 and C1 controls but tab and line feed, DEL, line separators, and what changes the direction of text (Unicode Bidirectional Algorithm, 2). */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Lines stay lines. */
export const visible = (text: string): string => text.replace(UNSEEN, escaped)

/** A name or a sentence inside one line, which it does not leave. */
export const oneLine = (text: string): string => visible(text).replace(/[\t\n]/g, escaped)
