/** Each row of the requirements must stand behind a figure, or here with why it has none. */
const series = { R: 20, A: 19, S: 5, P: 10, F: 11 };

export const notBuilt = {
  A7: 'sign-in with accounts of other services is not built',
  A8: 'sign-in with accounts of other services is not built',
  A17: 'a second factor is not built',
  A18: 'the administration of the installation is not built',
};

export const requirements = [...Object.entries(series).flatMap(([letter, count]) => Array.from({ length: count }, (_, n) => `${letter}${n + 1}`)), 'D8'];

/**
 * The ids that no figure names.
 * @param {{ figures: { requirements: string[] }[] }[]} suites
 */
export function withoutFigure(suites) {
  const named = new Set(suites.flatMap(({ figures }) => figures.flatMap(({ requirements: ids }) => ids)));
  return requirements.filter((id) => !(id in notBuilt) && !named.has(id));
}
