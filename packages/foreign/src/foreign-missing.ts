// Programs that are not ours are had from other people's registries: where one cannot be had, or does not run here, that is an
// answer of its own and no failure of ours.

/** Says what cannot be had, or does not run on this machine. */
export class ForeignMissing extends Error {
  override readonly name = 'ForeignMissing';
}
