// Wrong usage, which ends with exit code 2. Commander raises the same class for what it finds by itself.
import { CommanderError } from 'commander';

export const usageExitCode = 2;

export function usageError(message: string): CommanderError {
  return new CommanderError(usageExitCode, 'weft.usage', message);
}
