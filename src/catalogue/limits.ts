/** Of one event type, as compact JSON. */
export const MAX_SCHEMA_BYTES = 64 << 10;
export const MAX_EXAMPLE_BYTES = 64 << 10;
