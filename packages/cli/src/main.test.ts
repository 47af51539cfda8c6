import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runWeft } from './testing/run-weft.ts';

/** A port that nothing listens on: 1 is reserved. */
const nowhere = ['--router', '127.0.0.1:1'];

const oneLine = /^weft: [^\n]+\n$/;

describe('wrong usage exits with 2 and says so in one line', () => {
  const cases: [string, string[], RegExp][] = [
    ['an unknown command', ['frobnicate'], /unknown command 'frobnicate'/],
    ['a command with a slip', ['modles'], /Did you mean models\?/],
    ['an option without a command', ['--json'], /name a command/],
    ['an unknown option', ['embed', 'a', '--bogus'], /unknown option '--bogus'/],
    ['a missing argument', ['read'], /missing required argument 'image'/],
    ['too many arguments', ['read', 'a.png', 'b.png'], /too many arguments/],
    ['no texts', ['embed'], /missing text/],
    ['a number out of range', ['rank', 'q', 'd', '--top', '0'], /--top.*at least 1/],
    ['a score that is none', ['detect', 'a.png', '--min-score', '2'], /--min-score.*between 0 and 1/],
    ['a timeout without a unit', ['embed', 'a', '--timeout', '5'], /--timeout.*duration/],
    ['a router that is a URL', ['status', '--router', 'http://x'], /no router address/],
    ['a priority that is none', ['embed', 'a', '--priority', 'high'], /--priority/],
    ['a result of an unknown format', ['upscale', 'a.png', 'b.bmp'], /must end in .png/],
    ['images without a folder for them', ['draw', '7'], /--output/],
    ['a walk that begins nowhere', ['draw', '7', '--to', '3', '-o', 'x'], /--to needs a --seed/],
    ['inputs that are missing', ['infer', 'm'], /give the inputs/],
    ['inputs given twice', ['infer', 'm', '--input', 'x=1', '--request', 'r.json'], /give the inputs/],
    ['an input without a value', ['infer', 'm', '--input', 'x'], /expected name=value/],
    ['a push without a name', ['push', '.'], /required option '--name <model>' not specified/],
    ['a folder that is none', ['push', '/no/such/folder', '--name', 'm'], /\/no\/such\/folder: no such folder/],
    ['a name that leaves its folder', ['push', '.', '--name', '../etc'], /path traversal/],
    ['a version that is none', ['push', '.', '--name', 'm', '--version', '1.2'], /--version is "1.2"/],
    ['a canary of everything', ['push', '.', '--name', 'm', '--canary', '100%'], /above 0% and below 100%/],
    ['a canary of nothing', ['push', '.', '--name', 'm', '--canary', '0'], /above 0% and below 100%/],
    ['a canary that is a shadow', ['push', '.', '--name', 'm', '--canary', '1%', '--shadow', '1%'], /give --canary or/],
    ['a share that is none', ['rollout', 'm', '--canary', 'ten'], /such as 10% or 0\.1/],
    ['a rollout of nothing', ['rollout', 'm'], /give one of --promote/],
    ['a rollout both ways', ['rollout', 'm', '--promote', '--rollback'], /give one of --promote/],
    ['a reason for a promotion', ['rollout', 'm', '--promote', '--reason', 'x'], /--reason goes with --rollback/],
    ['help on something unknown', ['help', 'frobnicate'], /no command "frobnicate"/],
    ['an unknown flag of up', ['up', '--prot', '1'], /unknown flag --prot: did you mean --port/],
    ['an argument of up', ['up', 'now'], /unexpected argument "now"/],
    ['a service that is none', ['up', '--services', 'nlp,audio'], /--services/],
    ['a router for up', ['up', ...nowhere], /up takes no --router/],
  ];
  for (const [name, args, message] of cases) {
    test(name, async () => {
      const { exitCode, out, err } = await runWeft(args);
      assert.equal(exitCode, 2);
      assert.equal(out, '');
      assert.match(err, oneLine);
      assert.match(err, message);
    });
  }
});

test('up that is stopped before its services are loaded starts none, and that is no failure', async () => {
  const { exitCode, out, err } = await runWeft(['up', '--services', 'custom', '--port', '0', '--custom-port', '0'], {
    errIsTerminal: true,
    onStopSignal(listener) {
      listener();
      return () => {};
    },
  });
  assert.equal(exitCode, 0);
  assert.equal(out, '');
  assert.match(err, /starting/);
  assert.doesNotMatch(err, /starting services/);
});

describe('a failure exits with 1 and says so in one line', () => {
  test('a router that is not there, and how to start one', async () => {
    const { exitCode, out, err } = await runWeft(['status', '--json', ...nowhere]);
    assert.equal(exitCode, 1);
    assert.equal(out, '');
    assert.match(err, oneLine);
    assert.match(err, /cannot reach the router at 127\.0\.0\.1:1: connect ECONNREFUSED \(start one with `npm start`/);
  });

  test('a host that nobody knows', async () => {
    const { exitCode, err } = await runWeft(['models', '--router', 'no-such-host.invalid:8001']);
    assert.equal(exitCode, 1);
    assert.match(err, oneLine);
    assert.match(err, /no-such-host\.invalid:8001: its name cannot be resolved/);
  });

  test('a file that does not exist', async () => {
    const { exitCode, err } = await runWeft(['read', '/no/such/invoice.png', ...nowhere]);
    assert.deepEqual(
      { exitCode, err },
      { exitCode: 1, err: 'weft: /no/such/invoice.png: no such file or directory\n' },
    );
  });

  test('a slip in the name of an image is not taken for a text', async () => {
    const { exitCode, err } = await runWeft(['classify', 'symbl.png', ...nowhere]);
    assert.equal(exitCode, 1);
    assert.match(err, /symbl\.png: no such file/);
  });

  test('a file that is no text', async () => {
    const { exitCode, err } = await runWeft(['summarize', '-', ...nowhere], { input: Buffer.from([0xff, 0xfe, 0x41]) });
    assert.deepEqual({ exitCode, err }, { exitCode: 1, err: 'weft: stdin holds no UTF-8 text\n' });
  });

  test('a model to convert that does not exist', async () => {
    const { exitCode, err } = await runWeft(['convert', '/no/such/model.json', '/tmp/never.onnx']);
    assert.equal(exitCode, 1);
    assert.match(err, /\/no\/such\/model\.json/);
  });
});

describe('help', () => {
  const commands = [
    'up',
    'status',
    'models',
    'push',
    'rollout',
    'load',
    'unload',
    'infer',
    'embed',
    'rank',
    'classify',
    'summarize',
    'generate',
    'detect',
    'read',
    'upscale',
    'draw',
    'convert',
  ];

  test('without a command lists all commands and succeeds', async () => {
    const { exitCode, out, err } = await runWeft([]);
    assert.equal(exitCode, 0);
    assert.equal(err, '');
    for (const command of [...commands, 'help']) assert.match(out, new RegExp(`^  ${command} `, 'm'));
  });

  for (const command of commands) {
    test(`of ${command} is the same by its name and by --help`, async () => {
      const byName = await runWeft(['help', command]);
      assert.equal(byName.exitCode, 0);
      assert.match(byName.out, new RegExp(`^Usage: weft ${command} `));
      assert.deepEqual(await runWeft([command, '--help']), byName);
    });
  }

  test('of up lists the flags of its settings', async () => {
    const { out } = await runWeft(['help', 'up']);
    for (const flag of ['--port <port>', '--vision-metrics-port <port>', '--no-default-models', '--model-repository']) {
      assert.ok(out.includes(`\n  ${flag}`), flag);
    }
  });

  test('of settings tells flag, variable and default of each', async () => {
    const { exitCode, out } = await runWeft(['help', 'settings']);
    assert.equal(exitCode, 0);
    assert.match(out, /^--nlp-port +WEFT_NLP_PORT +port +8011 /m);
    assert.match(out, /^--max-message-bytes +WEFT_MAX_MESSAGE_BYTES +bytes +64MiB /m);
  });

  test('of settings is one JSON document with --json', async () => {
    const { out } = await runWeft(['help', 'settings', '--json']);
    const { groups } = JSON.parse(out) as { groups: { settings: { env: string }[] }[] };
    const variables = groups.flatMap((group) => group.settings.map((setting) => setting.env));
    assert.ok(variables.includes('WEFT_MODEL_REPOSITORY'));
    assert.equal(new Set(variables).size, variables.length);
  });

  test('--version prints the version alone', async () => {
    const { exitCode, out } = await runWeft(['--version']);
    assert.equal(exitCode, 0);
    assert.match(out, /^\d+\.\d+\.\d+\n$/);
  });
});
