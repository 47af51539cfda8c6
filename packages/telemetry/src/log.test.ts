import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, type LogLevel } from './log.ts';
import { formattedDestination } from './log-text.ts';

function captured(level: LogLevel = 'info') {
  const written: string[] = [];
  const log = createLog({
    level,
    fields: { component: 'router' },
    destination: { write: (line) => void written.push(line) },
  });
  return { log, written, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

function asText(write: (log: ReturnType<typeof createLog>) => void, colour = false): string {
  let text = '';
  const destination = formattedDestination({ write: (line) => void (text += line) }, 'text', colour);
  write(createLog({ level: 'info', fields: { component: 'router' }, destination }));
  return text;
}

test('a line is one JSON object with time, level, component, event and fields', () => {
  const { log, written, lines } = captured();
  log.info('model.ready', { model: 'use-lite', tookMs: 12 });
  const [line] = lines();
  assert.deepEqual(
    { ...line, time: '' },
    { level: 'info', time: '', component: 'router', event: 'model.ready', model: 'use-lite', tookMs: 12 },
  );
  assert.match(String(line?.['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.match(written[0] ?? '', /^[^\n]*\n$/);
});

test('an error is logged with its chain of causes', () => {
  const { log, lines } = captured();
  log.error('rpc.failed', { error: new Error('outer', { cause: new TypeError('inner') }) });
  const error = lines()[0]?.['error'] as { message: string; stack: string; cause: { type: string; message: string } };
  assert.equal(error.message, 'outer');
  assert.match(error.stack, /^Error: outer\n/);
  assert.deepEqual([error.cause.type, error.cause.message], ['TypeError', 'inner']);
});

test('children add their fields', () => {
  const { log, lines } = captured();
  log.child({ model: 'a' }).child({ version: '1' }).warn('slow');
  assert.deepEqual([lines()[0]?.['model'], lines()[0]?.['version'], lines()[0]?.['component']], ['a', '1', 'router']);
});

test('a change of levels reaches children that exist already', () => {
  const { log, lines } = captured('warn');
  const child = log.child({ model: 'a' });
  child.info('hidden');
  assert.equal(child.writes('info'), false);
  log.control.writeLevels(['debug', 'error']);
  child.debug('shown');
  child.info('hidden');
  assert.deepEqual([...child.control.levels], ['debug', 'error']);
  log.control.writeLevels([]);
  child.error('hidden');
  assert.deepEqual(
    lines().map((line) => line['event']),
    ['shown'],
  );
});

test('the form of the lines changes where the destination has two', () => {
  const lines: string[] = [];
  const destination = formattedDestination({ write: (line) => void lines.push(line) }, 'json', false);
  const log = createLog({ level: 'info', fields: {}, destination });
  log.info('first');
  log.control.writeAs('text');
  log.info('second');
  assert.equal(log.control.format, 'text');
  assert.deepEqual([lines[0]?.startsWith('{'), lines[1]?.endsWith(' info  second\n')], [true, true]);
  const { log: plain } = captured();
  plain.control.writeAs('text');
  assert.equal(plain.control.format, 'json');
});

test('credentials are blanked in fields, in headers, in children and inside texts', () => {
  const { log, written } = captured();
  const metadata = { authorization: ['Bearer s3cret-1'] };
  log.info('a', {
    token: 's3cret-2',
    call: { metadata },
    metadata,
    password: 's3cret-3',
    nested: { secret: 's3cret-4' },
  });
  log.child({ authorization: 'Bearer s3cret-5' }).info('b');
  log.error('c', { error: new Error('server refused "authorization: bearer s3cret-6.x_y/z=="') });
  assert.equal(written.length, 3);
  assert.doesNotMatch(written.join(''), /s3cret/);
  assert.match(written[2] ?? '', /bearer \[redacted\]/);
});

test('a field may be named like a member of pino', () => {
  const { log, lines } = captured();
  log.info('a', { msg: 'x', name: 'y', err: new Error('z') });
  const { msg, name, err } = lines()[0] as { msg: string; name: string; err: { message: string } };
  assert.deepEqual([msg, name, err.message], ['x', 'y', 'z']);
});

test('as text a line shows what people look for', () => {
  const text = asText((log) => log.info('model.ready', { model: 'use-lite', path: 'a b', rows: [1, 2] }));
  assert.match(text, /^\d\d:\d\d:\d\d\.\d{3} info {2}router model\.ready model=use-lite path="a b" rows=\[1,2\]\n$/);
});

test('as text an error shows its message, then the stacks of all its causes', () => {
  const text = asText((log) =>
    log.error('rpc.failed', { error: new Error('outer', { cause: new TypeError('in ner') }) }),
  );
  const [first, ...stack] = text.split('\n');
  assert.match(first ?? '', / error router rpc\.failed error=outer$/);
  assert.equal(stack[0], '    Error: outer');
  assert.ok(stack.includes('    caused by TypeError: in ner'), text);
});

test('colour is used only where it was asked for', () => {
  assert.ok(asText((log) => log.warn('a'), true).includes('\u001b[33m'));
  assert.ok(!asText((log) => log.warn('a')).includes('\u001b'));
});
