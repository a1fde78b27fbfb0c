import { relations } from 'drizzle-orm'
import { ratings, skillFeedback, skills, skillVersions, tenants, users } from './schema.ts'
import { benchmarkCases, benchmarkResults, benchmarkRuns, tokenMeasurements, usageEvents } from './schema-measured.ts'

/**
 * Both ends of every foreign key. Where one table has two keys to another, both ends carry the relation's name: users give
 * feedback and, in `reviewedFeedback`, review it; a version has a parent and, after a merge, a second one.
 */
export const tenantRelations = relations(tenants, ({ many }) => ({ users: many(users), skills: many(skills) }))

export const userRelations = relations(users, ({ one, many }) => ({
  tenant: one(tenants, { fields: [users.tenant_id], references: [tenants.id] }),
  skills: many(skills),
  versions: many(skillVersions),
  ratings: many(ratings),
  feedback: many(skillFeedback, { relationName: 'givenFeedback' }),
  reviewedFeedback: many(skillFeedback, { relationName: 'reviewedFeedback' }),
  measurements: many(tokenMeasurements),
  usageEvents: many(usageEvents),
  benchmarkRuns: many(benchmarkRuns),
}))

export const skillRelations = relations(skills, ({ one, many }) => ({
  tenant: one(tenants, { fields: [skills.tenant_id], references: [tenants.id] }),
  author: one(users, { fields: [skills.tenant_id, skills.author_id], references: [users.tenant_id, users.id] }),
  forkedFrom: one(skills, {
    fields: [skills.tenant_id, skills.forked_from_id],
    references: [skills.tenant_id, skills.id],
    relationName: 'forks',
  }),
  forks: many(skills, { relationName: 'forks' }),
  versions: many(skillVersions),
  ratings: many(ratings),
  feedback: many(skillFeedback),
  measurements: many(tokenMeasurements),
  usageEvents: many(usageEvents),
  benchmarkCases: many(benchmarkCases),
  benchmarkRuns: many(benchmarkRuns),
}))

export const versionRelations = relations(skillVersions, ({ one, many }) => ({
  skill: one(skills, {
    fields: [skillVersions.tenant_id, skillVersions.skill_id],
    references: [skills.tenant_id, skills.id],
  }),
  parent: one(skillVersions, {
    fields: [skillVersions.tenant_id, skillVersions.parent_version_id],
    references: [skillVersions.tenant_id, skillVersions.id],
    relationName: 'children',
  }),
  children: many(skillVersions, { relationName: 'children' }),
  merged: one(skillVersions, {
    fields: [skillVersions.tenant_id, skillVersions.merged_version_id],
    references: [skillVersions.tenant_id, skillVersions.id],
    relationName: 'mergedInto',
  }),
  mergedInto: many(skillVersions, { relationName: 'mergedInto' }),
  author: one(users, {
    fields: [skillVersions.tenant_id, skillVersions.created_by],
    references: [users.tenant_id, users.id],
  }),
  ratings: many(ratings),
  feedback: many(skillFeedback, { relationName: 'feedbackOnVersion' }),
  implementedFeedback: many(skillFeedback, { relationName: 'implementedFeedback' }),
  measurements: many(tokenMeasurements),
  usageEvents: many(usageEvents),
  benchmarkRuns: many(benchmarkRuns),
}))

export const ratingRelations = relations(ratings, ({ one }) => ({
  skill: one(skills, { fields: [ratings.tenant_id, ratings.skill_id], references: [skills.tenant_id, skills.id] }),
  version: one(skillVersions, {
    fields: [ratings.tenant_id, ratings.skill_version_id],
    references: [skillVersions.tenant_id, skillVersions.id],
  }),
  user: one(users, { fields: [ratings.tenant_id, ratings.user_id], references: [users.tenant_id, users.id] }),
}))

export const feedbackRelations = relations(skillFeedback, ({ one, many }) => ({
  skill: one(skills, {
    fields: [skillFeedback.tenant_id, skillFeedback.skill_id],
    references: [skills.tenant_id, skills.id],
  }),
  version: one(skillVersions, {
    fields: [skillFeedback.tenant_id, skillFeedback.skill_version_id],
    references: [skillVersions.tenant_id, skillVersions.id],
    relationName: 'feedbackOnVersion',
  }),
  implementedBy: one(skillVersions, {
    fields: [skillFeedback.tenant_id, skillFeedback.implemented_by_version_id],
    references: [skillVersions.tenant_id, skillVersions.id],
    relationName: 'implementedFeedback',
  }),
  user: one(users, {
    fields: [skillFeedback.tenant_id, skillFeedback.user_id],
    references: [users.tenant_id, users.id],
    relationName: 'givenFeedback',
  }),
  reviewer: one(users, {
    fields: [skillFeedback.tenant_id, skillFeedback.reviewed_by],
    references: [users.tenant_id, users.id],
    relationName: 'reviewedFeedback',
  }),
  cases: many(benchmarkCases),
}))

export const measurementRelations = relations(tokenMeasurements, ({ one }) => ({
  skill: one(skills, {
    fields: [tokenMeasurements.tenant_id, tokenMeasurements.skill_id],
    references: [skills.tenant_id, skills.id],
  }),
  version: one(skillVersions, {
    fields: [tokenMeasurements.tenant_id, tokenMeasurements.skill_version_id],
    references: [skillVersions.tenant_id, skillVersions.id],
  }),
  user: one(users, {
    fields: [tokenMeasurements.tenant_id, tokenMeasurements.user_id],
    references: [users.tenant_id, users.id],
  }),
}))

export const usageEventRelations = relations(usageEvents, ({ one }) => ({
  skill: one(skills, {
    fields: [usageEvents.tenant_id, usageEvents.skill_id],
    references: [skills.tenant_id, skills.id],
  }),
  version: one(skillVersions, {
    fields: [usageEvents.tenant_id, usageEvents.skill_version_id],
    references: [skillVersions.tenant_id, skillVersions.id],
  }),
  user: one(users, { fields: [usageEvents.tenant_id, usageEvents.user_id], references: [users.tenant_id, users.id] }),
}))

export const caseRelations = relations(benchmarkCases, ({ one, many }) => ({
  skill: one(skills, {
    fields: [benchmarkCases.tenant_id, benchmarkCases.skill_id],
    references: [skills.tenant_id, skills.id],
  }),
  sourceFeedback: one(skillFeedback, {
    fields: [benchmarkCases.tenant_id, benchmarkCases.source_feedback_id],
    references: [skillFeedback.tenant_id, skillFeedback.id],
  }),
  results: many(benchmarkResults),
}))

export const runRelations = relations(benchmarkRuns, ({ one, many }) => ({
  skill: one(skills, {
    fields: [benchmarkRuns.tenant_id, benchmarkRuns.skill_id],
    references: [skills.tenant_id, skills.id],
  }),
  version: one(skillVersions, {
    fields: [benchmarkRuns.tenant_id, benchmarkRuns.skill_version_id],
    references: [skillVersions.tenant_id, skillVersions.id],
  }),
  triggeredBy: one(users, {
    fields: [benchmarkRuns.tenant_id, benchmarkRuns.triggered_by],
    references: [users.tenant_id, users.id],
  }),
  results: many(benchmarkResults),
}))

export const resultRelations = relations(benchmarkResults, ({ one }) => ({
  run: one(benchmarkRuns, {
    fields: [benchmarkResults.tenant_id, benchmarkResults.run_id],
    references: [benchmarkRuns.tenant_id, benchmarkRuns.id],
  }),
  case: one(benchmarkCases, {
    fields: [benchmarkResults.tenant_id, benchmarkResults.case_id],
    references: [benchmarkCases.tenant_id, benchmarkCases.id],
  }),
}))
