// node:test's spec reporter, with its closing totals moved to the very end, below the details of failed tests.
//
// So the last lines of a log always say how many tests ran, passed and failed.

import { spec as Spec } from 'node:test/reporters';
import { Readable } from 'node:stream';

const totalLine = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

// A default export, since that is how node:test loads a reporter.
export default async function* reporter(source) {
  const totals = [];
  async function* withoutTotals() {
    for await (const event of source) {
      if (event.type === 'test:diagnostic' && event.data.nesting === 0 && totalLine.test(event.data.message)) {
        totals.push(`# ${event.data.message}\n`);
      } else yield event;
    }
  }
  yield* Readable.from(withoutTotals()).pipe(new Spec());
  yield '\n';
  yield* totals;
}
