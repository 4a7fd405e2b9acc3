export interface Page<Row> {
  data: Row[];
  /** Of the next page; null: there is none. */
  next_cursor: string | null;
}

/**
 * Rows of a list. Nothing is asked for before somebody looks: `for await` goes through all of them and gets page after page
 * on the way, `page()` gets one.
 */
export interface List<Row> extends AsyncIterable<Row> {
  /** The first page, or the one of `cursor`. With a filter that fits few rows a page may be empty and not the last. */
  page(cursor?: string): Promise<Page<Row>>;
  pages(): AsyncIterable<Page<Row>>;
}

export function createList<Row>(get: (cursor?: string) => Promise<Page<Row>>): List<Row> {
  async function* pages() {
    for (let page = await get(); ; page = await get(page.next_cursor)) {
      yield page;
      if (page.next_cursor === null) return;
    }
  }
  async function* rows() {
    for await (const { data } of pages()) yield* data;
  }
  return { page: get, pages, [Symbol.asyncIterator]: rows };
}
