/** Why a requirement has no figure, by its id. */
export const notBuilt: Record<string, string>;
/** Every id. */
export const requirements: string[];
/** The ids that no figure names, but for those that are not built, and the curves that were not measured. */
export function withoutFigure(suites: { figures: { requirements: string[] }[]; curves?: { of: string }[] }[], scale: { whole: boolean }): string[];
