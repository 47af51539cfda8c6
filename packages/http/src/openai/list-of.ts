// A list in the form that OpenAI's API gives lists.
const itemsKey = 'data';

export function listOf(items: readonly object[]): object {
  return { object: 'list', [itemsKey]: items };
}
