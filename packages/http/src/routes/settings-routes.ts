// Log and trace settings: GET reads them, POST changes what it names.
import { invalidArgument } from '@weft/errors';
import type { JsonValue } from '../json/json-reader.ts';
import { type Exchange, jsonAnswer, type Route } from '../server/exchange.ts';
import { type Answers, ask, rpcPath } from './ask.ts';
import { readObject } from './read-object.ts';

export function settingsRoutes(answers: Answers): readonly Route[] {
  const both = (url: string, method: string, answer: (exchange: Exchange, given: object) => Promise<object>): Route[] =>
    (['GET', 'POST'] as const).map((verb) => ({
      verb,
      url,
      rpc: rpcPath(method),
      answer: async (exchange) => jsonAnswer(await answer(exchange, verb === 'GET' ? {} : await readObject(exchange))),
    }));
  const logging = async (exchange: Exchange, given: object): Promise<object> => {
    const { settings } = await ask(answers, 'LogSettings', {
      request: { settings: mapped(given, logSetting) },
      exchange,
    });
    return mapped(settings as object, firstValue);
  };
  const tracing = async (exchange: Exchange, given: object): Promise<object> => {
    const request = { modelName: exchange.param('model'), settings: mapped(given, traceSetting) };
    const { settings } = await ask(answers, 'TraceSetting', { request, exchange });
    return mapped(settings as object, traceValue);
  };
  return [
    ...both('/v2/logging', 'LogSettings', logging),
    ...both('/v2/trace/setting', 'TraceSetting', tracing),
    ...both('/v2/models/:model/trace/setting', 'TraceSetting', tracing),
  ];
}

function mapped<Value>(fields: object, map: (name: string, value: Value) => unknown): object {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, map(name, value as Value)]));
}

function logSetting(name: string, value: JsonValue): object {
  if (typeof value === 'boolean') return { boolParam: value };
  if (typeof value === 'string') return { stringParam: value };
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return { uint32Param: value };
  throw invalidArgument(`the log setting '${name}' must be a text, a whole number or a truth`);
}

/** Null, and an empty array, go back to the default. */
function traceSetting(name: string, value: JsonValue): object {
  if (value === null) return { value: [] };
  const values = Array.isArray(value) ? value : [value];
  if (values.every((each) => typeof each === 'string' || typeof each === 'number'))
    return { value: values.map(String) };
  throw invalidArgument(`the trace setting '${name}' must be a text, or an array of texts`);
}

/** A message with one field, whichever it is. */
function firstValue(_name: string, value: object): unknown {
  return Object.values(value)[0] ?? '';
}

/** Only the levels are many. */
function traceValue(name: string, { value }: { readonly value: readonly string[] }): unknown {
  return name === 'trace_level' ? value : (value[0] ?? '');
}
