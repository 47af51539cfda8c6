// What the rules share: a finding, and two views of the packages that read-packages.mjs reads.

/** The place, what is wrong there, and what to do about it. */
export const finding = (where, what, mend) => ({ where, what, mend });

/** Every import of a package, with the place it stands at. */
export const modulesOf = ({ sources }) =>
  sources.flatMap(({ file, modules }) => modules.map((module) => ({ ...module, where: `${file}:${module.line}` })));

export const byName = (packages) =>
  new Map(packages.filter(({ manifest }) => manifest).map((each) => [each.manifest.name, each]));
