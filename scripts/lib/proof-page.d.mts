/** The report of `prove.mjs` as one page that needs nothing else. */
export function reportPage(report: object): string;
