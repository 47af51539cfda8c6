export { freePorts } from './free-ports.ts';
export { goModule, type GoProgram, goProgram, type WantedProgram } from './go-program.ts';
export { newerLibraries } from './newer-libraries.ts';
export { ForeignMissing } from './foreign-missing.ts';
export { type InstallStep, installStep } from './install-step.ts';
export {
  downloadWheel,
  type PythonEnvironment,
  pythonEnvironment,
  type WantedEnvironment,
  type WantedWheel,
} from './python-environment.ts';
