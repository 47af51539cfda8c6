// weft models and its watch, against a real gRPC server with a small admin service.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fraudModel } from './testing/fraud-model.ts';

describe('what weft models shows', { timeout: 60_000 }, () => {
  const mesh = fraudModel();
  const { weft, push, start } = mesh;

  test('models shows shares, replicas and why some have it not', async () => {
    await push('--version', '1');
    mesh.admin.replicas[1] = { id: 'r2', problem: 'disk\nfull' };
    await push('--version', '2', '--canary', '10%');
    await weft('rollout', 'fraud', '--shadow', '5%', '--version', '2');
    mesh.admin.eventLogProblem = 'nats://n1:4222 cannot be reached';
    const lines = [
      'MODEL  VERSION  SHARE                  READY  SERVICE  NOTE',
      'fraud  2        10% canary, 5% shadow  1/2    custom   r2.test:8041 UNAVAILABLE: disk full',
      'fraud  1        90%                    2/2    custom',
      '',
      'event log: nats://n1:4222 cannot be reached',
      '',
    ];
    assert.deepEqual(await weft('models'), { exitCode: 0, out: lines.join('\n'), err: '' });
    await weft('rollout', 'fraud', '--rollback', '--reason', 'too slow');
    assert.match(
      (await weft('models')).out,
      /^fraud +2 +5% shadow +1\/2 +custom +withdrawn: too slow; r2\.test:8041 UNAV/m,
    );
  });

  test('models as one JSON document has what people see, and the counts', async () => {
    await push();
    const { out } = await weft('models', '--json');
    assert.equal(out.trimEnd().split('\n').length, 1);
    const { models, eventLogProblem } = JSON.parse(out) as {
      models: Record<string, unknown>[];
      eventLogProblem: string;
    };
    assert.equal(eventLogProblem, '');
    const [model] = models;
    assert.deepEqual(model?.['changed'], { at: '2023-11-14T22:13:20.000Z', by: 'test', reason: 'a test said so' });
    const [version] = (model?.['versions'] ?? []) as Record<string, unknown>[];
    assert.deepEqual([version?.['version'], version?.['state'], version?.['share']], ['2', 'READY', 1]);
    assert.equal(((version?.['replicas'] ?? []) as unknown[]).length, 2);
  });

  test('a version that no replica has is not loaded', async () => {
    mesh.admin.replicas.length = 0;
    await push();
    assert.match((await weft('models')).out, /^fraud +2 +100% +custom +not loaded$/m);
  });

  test('models --ready leaves out what is READY nowhere', async () => {
    await push('--version', '1');
    for (const replica of mesh.admin.replicas) replica.problem = 'corrupt';
    await push('--version', '2', '--canary', '10%');
    const { out } = await weft('models', '--ready');
    assert.doesNotMatch(out, /corrupt/);
    assert.match(out, /^fraud +1 +90% +2\/2/m);
  });

  test('a watch that no terminal shows prints a line for each change, until it is stopped', async () => {
    await push('--version', '1');
    const run = start(['models', '--watch']);
    await run.has('fraud 1: 100%, READY 2/2');
    await push('--version', '2', '--canary', '10%');
    await run.has('fraud 2: 10% canary, READY 2/2');
    mesh.admin.models.delete('fraud');
    mesh.admin.tell();
    await run.has('fraud 2: gone');
    run.shell.signal();
    assert.equal(await run.done, 0);
    const lines = ['fraud 1: 100%, READY 2/2', 'fraud 2: 10% canary, READY 2/2', 'fraud 1: 90%, READY 2/2'];
    assert.equal(run.shell.written.out, [...lines, 'fraud 2: gone', 'fraud 1: gone', ''].join('\n'));
    assert.equal(run.shell.written.err, '');
  });

  test('a watch in JSON is a document on each line', async () => {
    const run = start(['models', '--watch', '--json'], { outIsTerminal: true });
    await run.has('eventLogProblem');
    await push();
    await run.has('"model"');
    mesh.admin.eventLogProblem = 'gone';
    mesh.admin.models.clear();
    mesh.admin.tell();
    await run.has('{"gone":"fraud"}');
    run.shell.signal();
    assert.equal(await run.done, 0);
    const documents = run.shell.written.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    assert.deepEqual(
      documents.map((document) => Object.keys(document)[0]),
      ['eventLogProblem', 'model', 'eventLogProblem', 'gone'],
    );
  });

  test('a watch repaints its terminal, no longer than that is', async () => {
    await push('--version', '1');
    await push('--version', '2');
    const run = start(['models', '--watch'], { outIsTerminal: true, outRows: () => 5 });
    await run.has('2 more lines');
    await weft('unload', 'fraud');
    await run.has('3 more lines');
    run.shell.signal();
    assert.equal(await run.done, 0);
    const screens = run.shell.written.out.split('\u001b[H\u001b[2J').slice(1);
    assert.deepEqual(
      screens.map((screen) => screen.trimEnd().split('\n').length),
      [4, 4],
    );
  });

  test('a watch that loses its router says so once, and goes on', async () => {
    await push();
    const run = start(['models', '--watch']);
    await run.has('fraud 2');
    mesh.admin.dropWatchers();
    await run.has('lost the router');
    await weft('unload', 'fraud');
    await run.has('fraud: unloaded');
    run.shell.signal();
    assert.equal(await run.done, 0);
    assert.equal(run.shell.written.err, 'weft: lost the router: the router is stopping; trying again\n');
  });
});
