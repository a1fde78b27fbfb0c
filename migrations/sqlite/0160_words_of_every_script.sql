-- Vowel signs and other marks are parts of words (Hindi, Thai, Arabic), not gaps between them: the tables of the search are
-- made again with another tokenizer, and filled again in the background.
DROP TABLE search_heads;
DROP TABLE search_texts;
DELETE FROM search_documents;
CREATE VIRTUAL TABLE search_heads USING fts5 (
  name, about, content = '', contentless_delete = 1, prefix = '2 3',
  tokenize = "porter unicode61 remove_diacritics 2 categories 'L* M* N* Co'"
);
CREATE VIRTUAL TABLE search_texts USING fts5 (
  text, content = '', contentless_delete = 1, prefix = '2 3',
  tokenize = "porter unicode61 remove_diacritics 2 categories 'L* M* N* Co'"
);

-- The rules find more: values that YAML reads less of than was written, and other spellings of SKILL.md. What was counted
-- before is dropped, and counted again in the background.
DELETE FROM version_facts;

INSERT INTO stale_skills (skill_id)
SELECT id FROM skills s WHERE NOT EXISTS (SELECT 1 FROM stale_skills WHERE skill_id = s.id);
