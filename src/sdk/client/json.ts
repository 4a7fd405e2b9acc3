const { rawJSON } = JSON as typeof JSON & { rawJSON?: (text: string) => unknown };

/** A bigint is written digit by digit, as Posthorn sends it on, where the runtime can do that. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!rawJSON) throw error;
    return JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'bigint' ? rawJSON(String(member)) : member,
    );
  }
}
