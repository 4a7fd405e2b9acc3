-- Up Migration

-- JSON: a JSONata expression, or a preset with its options (src/templates/template.ts). Null: the profile's body is sent.
ALTER TABLE endpoints ADD COLUMN template text;
-- The body that every attempt sends, where a template has made it. Null: none has, or not yet.
ALTER TABLE deliveries ADD COLUMN rendered_body text;

-- Down Migration

ALTER TABLE deliveries DROP COLUMN rendered_body;
ALTER TABLE endpoints DROP COLUMN template;
