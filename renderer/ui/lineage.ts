/** What lineage needs to know of a version. Lists are newest first, as the backend gives them. */
type Descendant = { id: string; parentId: string | null; mergedId: string | null }

/** The versions that nothing was made from yet, newest first: one where a history is whole, several where it went apart. */
export function headsOf<Version extends Descendant>(versions: readonly Version[]): Version[] {
  const used = new Set(versions.flatMap(version => [version.parentId, version.mergedId]))
  return versions.filter(version => !used.has(version.id))
}

/** Whether neither of two versions was made from the other, so that there is something to merge. */
export function wentApart(versions: readonly Descendant[], one: string, other: string): boolean {
  return one !== other && !lineOf(versions, one).has(other) && !lineOf(versions, other).has(one)
}

/** The newest version that both come from; undefined where they share none. */
export function commonAncestor<Version extends Descendant>(
  versions: readonly Version[],
  one: string,
  other: string,
): Version | undefined {
  const [first, second] = [lineOf(versions, one), lineOf(versions, other)]
  return versions.find(version => first.has(version.id) && second.has(version.id))
}

/** A version and everything that it was made from. */
function lineOf(versions: readonly Descendant[], start: string): Set<string> {
  const byId = new Map(versions.map(version => [version.id, version]))
  const found = new Set<string>()
  const next = [start]
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    const version = byId.get(id)
    if (!version || found.has(id)) continue
    found.add(id)
    for (const parent of [version.parentId, version.mergedId]) if (parent !== null) next.push(parent)
  }
  return found
}
