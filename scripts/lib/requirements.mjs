/** Each row of the requirements must stand behind a figure, or here with why it has none. */
const series = { R: 20, A: 19, S: 5, P: 10, F: 13 };

export const notBuilt = {
  A7: 'sign-in with accounts of other services is not built',
  A8: 'sign-in with accounts of other services is not built',
  A17: 'a second factor is not built',
  A18: 'the administration of the installation is not built',
};

export const requirements = [...Object.entries(series).flatMap(([letter, count]) => Array.from({ length: count }, (_, n) => `${letter}${n + 1}`)), 'D8'];

/** What there must be a curve of, by what grows along it; only a whole run takes the time for that by minutes. */
const curvesBy = ['organizations', 'projects', 'members', 'entries', 'minutes'];

/**
 * The ids that no figure names, and the curves that were not measured.
 * @param {{ figures: { requirements: string[] }[], curves?: { of: string }[] }[]} suites
 * @param {{ whole: boolean }} scale
 */
export function withoutFigure(suites, { whole }) {
  const named = new Set(suites.flatMap(({ figures }) => figures.flatMap(({ requirements: ids }) => ids)));
  const measured = new Set(suites.flatMap(({ curves = [] }) => curves.map(({ of }) => of)));
  const lost = curvesBy.filter((of) => !measured.has(of) && (whole || of !== 'minutes'));
  return [...requirements.filter((id) => !(id in notBuilt) && !named.has(id)), ...lost.map((of) => `the curve by ${of}`)];
}
