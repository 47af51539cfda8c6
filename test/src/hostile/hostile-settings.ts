// Calls that would set what nobody may set: files to log to, settings that there are not, regions of memory.
import { call, type HostileCall, invalid, leaving, shown, unknown } from './hostile-call.ts';

const noMemory =
  'UNIMPLEMENTED system shared memory is not offered by a router: a service may offer it to clients on its own host (--system-shared-memory)';
const noCuda = 'UNIMPLEMENTED CUDA shared memory is not supported: send tensors in the request';
const setting = (name: string, value: object): object => ({ settings: { [name]: value } });
export const settings: readonly HostileCall[] = [
  ...['/etc/passwd', '../log', '', 'log\0'].map((file) =>
    call(`the file ${shown(file)}`, 'LogSettings')(
      setting('log_file', { stringParam: file }),
      'UNIMPLEMENTED log file location can not be updated through network protocol',
    ),
  ),
  call('an unknown one', 'LogSettings')(
    setting('log_path', { stringParam: '/' }),
    /^INVALID_ARGUMENT unknown log setting 'log_path'/,
  ),
  call('one of the prototype', 'LogSettings')(
    setting('__proto__', { boolParam: true }),
    /^INVALID_ARGUMENT unknown log setting '__proto__'/,
  ),
  call('one that every object has', 'LogSettings')(
    setting('constructor', { boolParam: true }),
    /^INVALID_ARGUMENT unknown log setting 'constructor'/,
  ),
  call('a level that is text', 'LogSettings')(
    setting('log_info', { stringParam: 'false' }),
    invalid("log setting 'log_info' must be a bool"),
  ),
  call('a level without a value', 'LogSettings')(
    setting('log_info', {}),
    invalid("log setting 'log_info' must be a bool"),
  ),
  call('verbosity that is a truth', 'LogSettings')(
    setting('log_verbose_level', { boolParam: true }),
    invalid("log setting 'log_verbose_level' must be a uint32"),
  ),
  call('a format that there is not', 'LogSettings')(
    setting('log_format', { stringParam: 'xml' }),
    /^INVALID_ARGUMENT log setting 'log_format' must be one of/,
  ),
  call('a good one beside a bad one', 'LogSettings')(
    { settings: { log_info: { boolParam: false }, log_file: { stringParam: 'x' } } },
    /^UNIMPLEMENTED /,
  ),
  call('the file', 'TraceSetting')(
    setting('trace_file', { value: ['/etc/passwd'] }),
    'UNIMPLEMENTED trace file location can not be updated through network protocol',
  ),
  call('a level that there is not', 'TraceSetting')(
    setting('trace_level', { value: ['ALL'] }),
    invalid("trace setting 'trace_level' must be OFF or TIMESTAMPS"),
  ),
  call('two levels', 'TraceSetting')(
    setting('trace_level', { value: ['OFF', 'TIMESTAMPS'] }),
    invalid("trace setting 'trace_level' must be OFF or TIMESTAMPS"),
  ),
  ...['0', '-1', '1.5', 'x', '99999999999'].map((rate) =>
    call(`a rate of ${rate}`, 'TraceSetting')(
      setting('trace_rate', { value: [rate] }),
      invalid("trace setting 'trace_rate' must be a whole number, at least 1"),
    ),
  ),
  call('an unknown one', 'TraceSetting')(
    setting('trace_path', { value: ['/'] }),
    /^INVALID_ARGUMENT unknown trace setting 'trace_path'/,
  ),
  call('the mode', 'TraceSetting')(
    setting('trace_mode', { value: ['triton'] }),
    /^UNIMPLEMENTED trace setting 'trace_mode' cannot be changed/,
  ),
  ...leaving
    .slice(0, 5)
    .map((modelName) => call(`of the model ${shown(modelName)}`, 'TraceSetting')({ modelName }, unknown(modelName))),
  call('a region', 'SystemSharedMemoryRegister')({ name: 'r', key: '/../etc/passwd', byteSize: 1 }, noMemory),
  call('all regions', 'SystemSharedMemoryStatus')({}, noMemory),
  call('a region', 'SystemSharedMemoryUnregister')({ name: '../r' }, noMemory),
  call('a region', 'CudaSharedMemoryRegister')({ name: 'r', rawHandle: Buffer.alloc(64), byteSize: 1 }, noCuda),
  call('all regions', 'CudaSharedMemoryStatus')({}, noCuda),
  call('a region', 'CudaSharedMemoryUnregister')({ name: 'r' }, noCuda),
];
