/**
 * How Node is told to run one of our processes. The server stays small: without a bound V8 lets garbage pile up to
 * twice what is in use, and source maps would hold 30 MB of Next's; its bundle is not minified, so stack traces
 * read well without them. The Dockerfile and railway.json say the same.
 */
export function nodeFlags(name) {
  return name === 'server' ? ['--max-old-space-size=192', '--max-semi-space-size=8'] : ['--enable-source-maps'];
}
