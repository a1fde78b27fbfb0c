import type { Check } from './doctor.ts'

/** Rules about what is stored, over all tenants: so by whoever provisions. */
const owned = (check: Omit<Check, 'who' | 'as'>): Check => ({ ...check, who: 'owner', as: 'whetstone_provisioner' })
const EXPORT =
  'Export the tenant and restore it into an empty registry; clients then compare everything and send again what is missing.'

export const DATA_CHECKS: readonly Check[] = [
  owned({
    id: 'quarantined',
    title: 'No row broke the rules when they were made',
    level: 'advice',
    mend: 'Look at whetstone.quarantined_rows as one of the team’s admins: what each was, and what is in its place. Ask its author; rows that are looked into may be deleted there.',
    find: `
      SELECT format('%s: %s %s: %s (%s)', t.slug, q.entity, left(q.id, 64), array_to_string(q.columns, ', '), q.outcome) AS name
      FROM whetstone.quarantined_rows q JOIN whetstone.tenants t ON t.id = q.tenant_id ORDER BY q.at DESC, q.entity, q.id`,
  }),
  owned({
    id: 'heads',
    title: 'Every tenant has its head, its settings and an admin',
    mend: EXPORT,
    find: `
      SELECT format('%s has no %s', t.slug, x.what) AS name FROM whetstone.tenants t CROSS JOIN LATERAL (VALUES
        ('head', EXISTS (SELECT FROM whetstone.tenant_heads h WHERE h.tenant_id = t.id)),
        ('settings', EXISTS (SELECT FROM whetstone.tenant_settings s WHERE s.tenant_id = t.id)),
        ('admin', EXISTS (SELECT FROM whetstone.members m WHERE m.tenant_id = t.id AND m.role = 'admin')
          OR NOT EXISTS (SELECT FROM whetstone.members m WHERE m.tenant_id = t.id))) x (what, there) WHERE NOT x.there`,
  }),
  owned({
    id: 'log',
    title: 'The change log has no gaps and ends where the head says',
    mend: EXPORT,
    find: `
      SELECT format('%s: after %s', t.slug, l.before) AS name FROM (
        SELECT tenant_id, first_seq, coalesce(lag(last_seq) OVER (PARTITION BY tenant_id ORDER BY last_seq), 0) AS before FROM whetstone.change_log) l
      JOIN whetstone.tenants t ON t.id = l.tenant_id WHERE l.first_seq <> l.before + 1
      UNION ALL
      SELECT format('%s: the head is at %s, the log ends at %s', t.slug, h.n, coalesce(l.last, 0)) FROM whetstone.tenant_heads h
      JOIN whetstone.tenants t ON t.id = h.tenant_id
      LEFT JOIN (SELECT tenant_id, max(last_seq) AS last FROM whetstone.change_log GROUP BY 1) l ON l.tenant_id = h.tenant_id
      WHERE h.n <> coalesce(l.last, 0)`,
  }),
  owned({
    id: 'numbers',
    title: 'Versions are numbered 1, 2, 3 … in each skill',
    mend: EXPORT,
    find: `
      SELECT format('%s has %s versions, the highest is %s, counted %s', s.slug, v.n, v.highest, s.versions) AS name FROM whetstone.skills s
      LEFT JOIN (SELECT tenant_id, skill_id, count(*) AS n, max(version) AS highest FROM whetstone.skill_versions GROUP BY 1, 2) v
        ON v.tenant_id = s.tenant_id AND v.skill_id = s.id
      WHERE coalesce(v.n, 0) <> s.versions OR coalesce(v.highest, 0) <> s.versions`,
  }),
  owned({
    id: 'pointers',
    title: 'Published and newest versions are there, and of their skill',
    mend: 'Publish the version that is meant, from the app.',
    find: `
      SELECT format('%s: %s', s.slug, p.what) AS name FROM whetstone.skills s
      CROSS JOIN LATERAL (VALUES ('published', s.published_version_id), ('newest', s.draft_version_id)) p (what, id)
      WHERE p.id IS NOT NULL AND NOT EXISTS (SELECT FROM whetstone.skill_versions v
        WHERE v.tenant_id = s.tenant_id AND v.id = p.id AND v.skill_id = s.id)`,
  }),
  owned({
    id: 'parents',
    title: 'Versions refer to versions, skills and users that are there',
    mend: EXPORT,
    find: `
      SELECT format('%s: %s', v.id, x.what) AS name FROM whetstone.skill_versions v CROSS JOIN LATERAL (VALUES
        ('skill', EXISTS (SELECT FROM whetstone.skills s WHERE s.tenant_id = v.tenant_id AND s.id = v.skill_id)),
        ('author', EXISTS (SELECT FROM whetstone.users u WHERE u.tenant_id = v.tenant_id AND u.id = v.created_by)),
        ('parent', v.parent_version_id IS NULL OR EXISTS (SELECT FROM whetstone.skill_versions p WHERE p.tenant_id = v.tenant_id AND p.id = v.parent_version_id)),
        ('second parent', v.merged_version_id IS NULL OR EXISTS (SELECT FROM whetstone.skill_versions p WHERE p.tenant_id = v.tenant_id AND p.id = v.merged_version_id))) x (what, there)
      WHERE NOT x.there`,
  }),
  owned({
    id: 'stored',
    title: 'What each team has stored is counted as it is',
    mend: '`registry migrate` counts it anew: until then a team may be refused too early, or too late.',
    find: `
      SELECT format('%s: %s rows and %s bytes, counted as %s and %s', t.slug, s.rows_stored, s.bytes_stored, h.rows_stored, h.bytes_stored) AS name
      FROM whetstone.stored() s JOIN whetstone.tenant_heads h ON h.tenant_id = s.tenant_id JOIN whetstone.tenants t ON t.id = s.tenant_id
      WHERE (s.rows_stored, s.bytes_stored) IS DISTINCT FROM (h.rows_stored, h.bytes_stored)`,
  }),
  owned({
    id: 'aggregates',
    title: 'Averages and sums equal a recount',
    mend: 'UPDATE whetstone.skill_totals from whetstone.recount(), as provisioner',
    find: `
      SELECT s.slug::text AS name FROM whetstone.recount() r JOIN whetstone.skills s ON s.id = r.skill_id
      LEFT JOIN whetstone.skill_totals t ON t.tenant_id = s.tenant_id AND t.skill_id = s.id
      WHERE (t.uses, t.ratings, t.stars, t.hours, t.hours_said, t.feedback, t.thumbs_up, t.thumbs_down, t.cost, t.costs)
          IS DISTINCT FROM (r.uses, r.ratings, r.stars, r.hours, r.hours_said, r.feedback, r.thumbs_up, r.thumbs_down, r.cost, r.costs)
        OR s.total_ratings <> r.ratings OR s.average_rating IS DISTINCT FROM round(100.0 * r.stars / nullif(r.ratings, 0))::integer`,
  }),
]
