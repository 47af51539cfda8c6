// weft detect: what is in an image, and where.
import type { Detection } from '@weft/client';
import type { Command } from 'commander';
import { formatPixels, formatScore } from '../format/format-number.ts';
import { type Column, formatTable } from '../format/format-table.ts';
import { readImage } from '../input/read-image.ts';
import { share, wholeNumber } from '../parse-number.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

export function addDetect(program: Command, shell: Shell): void {
  const command = program
    .command('detect <image>')
    .summary('find objects, faces or poses in an image')
    .description(
      'Finds objects in an image file (- for stdin); faces with --model blazeface, poses with --model movenet.\nPositions are in pixels from the top left. --json adds keypoints.',
    )
    .option('--min-score <score>', 'leave out what is less certain (0..1)', share)
    .option('--max-results <n>', 'at most this many', wholeNumber(1))
    .addHelpText('after', '\nExample:\n  weft detect photo.jpg --min-score 0.5');
  addConnectionOptions(addModelOptions(command)).action(
    async (path: string, flags: { minScore?: number; maxResults?: number }) => {
      const image = await readImage(shell, path);
      const response = await withRouter(shell, command, ({ client, options }) =>
        client.vision.detect({ image, ...flags }, options),
      );
      report(shell, command, { json: response, text: formatDetections(response.detections) });
    },
  );
}

const numbers: Column[] = ['SCORE', 'X', 'Y', 'WIDTH', 'HEIGHT'].map((title) => ({ title, align: 'right' }));

function formatDetections(detections: readonly Detection[]): string {
  if (detections.length === 0) return 'nothing found';
  return formatTable(
    [{ title: 'LABEL' }, ...numbers],
    detections.map(({ label, score, box }) => [
      label,
      formatScore(score),
      ...[box.x, box.y, box.width, box.height].map(formatPixels),
    ]),
  );
}
