/** Numbers as they are typed. Pure. */

/** `1,000` is a thousand to one reader and one to another. */
const GROUPED = /^[1-9]\d{0,2}([.,]\d{3})+$/;

/**
 * Null: the field is empty. What is no number stays as it was typed, for the API to refuse in its words: NaN would be sent as null, and
 * "3 days" would mean "never".
 */
export function numberOf(typed: string): number | null {
  const text = typed.trim();
  if (text === '') return null;
  const number = GROUPED.test(text) ? NaN : Number(text.replace(',', '.'));
  return Number.isFinite(number) ? number : (text as unknown as number);
}
