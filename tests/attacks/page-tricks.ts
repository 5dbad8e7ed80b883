import { visitHeader } from '@/lib/http/page-visit';

export interface Trick {
  name: string;
  target: string;
  headers: Record<string, string>;
}

const repeated = (word: string): string => Array.from({ length: 5 }, () => word).join(':');

/** Headers that made one version of Next or another skip a check, show another page, or answer a part of one. */
const headerSets: readonly (readonly [name: string, headers: Record<string, string>])[] = [
  ['nothing', {}],
  ['x-middleware-subrequest', { 'x-middleware-subrequest': repeated('middleware') }],
  ['x-middleware-subrequest of src', { 'x-middleware-subrequest': repeated('src/middleware') }],
  ['x-middleware-subrequest of pages', { 'x-middleware-subrequest': 'pages/_middleware' }],
  ['x-middleware-subrequest of proxy', { 'x-middleware-subrequest': repeated('proxy') }],
  ['x-middleware-rewrite', { 'x-middleware-rewrite': '{path}', 'x-middleware-next': '1' }],
  ['x-middleware-override-headers', { 'x-middleware-override-headers': 'cookie', 'x-middleware-request-cookie': 'studio_session=x' }],
  ['x-nextjs-data', { 'x-nextjs-data': '1' }],
  ['RSC', { rsc: '1' }],
  ['a prefetch', { rsc: '1', 'next-router-prefetch': '1' }],
  ['a prefetch of the whole', { rsc: '1', 'next-router-prefetch': '2' }],
  ['the tree of segments', { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' }],
  ['one segment', { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/$d$org/__PAGE__' }],
  ['all segments', { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_full' }],
  ['a router state', { rsc: '1', 'next-router-state-tree': encodeURIComponent(JSON.stringify(['', { children: ['(studio)', { children: [['org', 'acme', 'd', null], { children: ['__PAGE__', {}] }] }] }, null, null])), 'next-url': '{path}' }],
  ['a router state that cannot be read', { rsc: '1', 'next-router-state-tree': encodeURIComponent('{"children":1}') }],
  ['x-matched-path', { 'x-matched-path': '{path}', 'x-now-route-matches': '1=acme' }],
  ['x-invoke-path', { 'x-invoke-path': '{path}', 'x-invoke-status': '200', 'x-invoke-query': '{}', 'x-invoke-output': '{path}' }],
  ['a server action', { 'next-action': '0'.repeat(42), 'content-type': 'text/plain' }],
  ['a draft', { cookie: '__prerender_bypass=x; __next_preview_data=x' }],
  ['another address', { 'x-original-url': '{path}', 'x-rewrite-url': '{path}', 'x-forwarded-path': '{path}', 'x-forwarded-uri': '{path}' }],
  ['another host', { 'x-forwarded-host': 'studio.test', 'x-forwarded-proto': 'https', forwarded: 'for=127.0.0.1;host=studio.test' }],
  ['this machine', { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' }],
  ['a visit of our own', { [visitHeader]: 'x', 'x-asked-path': '{path}', 'x-nonce': 'x' }],
  ['another method', { 'x-http-method-override': 'GET' }],
  ['a revalidation', { 'x-prerender-revalidate': 'x', 'x-prerender-revalidate-if-generated': '1', 'x-next-revalidated-tags': 'x' }],
  ['a cookie of another name', { cookie: 'studio_session=; __Host-studio_session=x; session=x' }],
];

/** Other addresses that some router could take for the same page. */
function spellings(path: string, buildId: string): (readonly [name: string, target: string])[] {
  const [, first = '', ...rest] = path.split('/');
  const tail = rest.length === 0 ? '' : `/${rest.join('/')}`;
  const letter = `%${first.charCodeAt(0).toString(16)}`;
  return [
    ['.rsc', `${path}.rsc`], ['.rsc and a query', `${path}.rsc?_rsc=1`], ['_rsc', `${path}?_rsc=abc12`], ['.txt', `${path}.txt`], ['.json', `${path}.json`], ['.html', `${path}.html`],
    ['_next/data', `/_next/data/${buildId}${path}.json`], ['_next/data, another build', `/_next/data/development${path}.json`],
    ['segments', `${path}.segments/_tree.segment.rsc`], ['segments of the whole', `${path}.segments/_full.segment.rsc`], ['a segment', `${path}.segments/$d$org.segment.rsc`], ['prefetch.rsc', `${path}.prefetch.rsc`],
    ['an image of it', `/_next/image?url=${encodeURIComponent(path)}&w=640&q=75`], ['behind static', `/_next/static/..${path}`], ['behind static, encoded', `/_next/static/%2e%2e/%2e%2e${path}`],
    ['a slash more', `${path}/`], ['two slashes', `/${path}`], ['slashes inside', path.replaceAll('/', '//')], ['a dot segment', `/.${path}`], ['a dot segment inside', `/x/..${path}`], ['an encoded dot segment', `/x/%2e%2e${path}`],
    ['an encoded slash', `/${first}${tail.replaceAll('/', '%2f')}`], ['an encoded back slash', `/${first}${tail.replaceAll('/', '%5c')}`], ['back slashes', path.replaceAll('/', '\\')], ['an encoded letter', `/${letter}${first.slice(1)}${tail}`],
    ['an encoded letter, twice', `/%25${letter.slice(1)}${first.slice(1)}${tail}`], ['upper case', path.toUpperCase()], ['a parameter', `/${first};x=1${tail}`], ['an encoded question mark', `${path}%3fx`], ['an encoded hash', `${path}%23x`],
    ['a null', `${path}%00`], ['an end of line', `${path}%0d%0aset-cookie:%20a=b`], ['a fragment', `${path}#x`], ['an empty query', `${path}?`], ['a whole address', `http://studio.test${path}`], ['a whole address elsewhere', `http://evil.example${path}`], ['an address of a user', `http://127.0.0.1@evil.example${path}`],
    ['the parameter named', `/[org]${tail}`], ['the parameter in the query', `/[org]${tail}?org=${first}&nxtPorg=${first}`], ['nxtP', `${path}?nxtPorg=${first}`], ['a group', `/(studio)${path}`], ['a slot', `/@crumbs${path}`], ['an interception', `/(.)${first}${tail}`],
  ];
}

/** Every way to ask for one address: each header at its own spelling, and each spelling with and without the header of a page part. */
export function tricksFor(path: string, buildId: string): Trick[] {
  const fill = (headers: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replaceAll('{path}', path)]));
  const byHeader = headerSets.map(([name, headers]) => ({ name, target: path, headers: fill(headers) }));
  const bySpelling = spellings(path, buildId).flatMap(([name, target]) => [
    { name, target, headers: {} },
    { name: `${name}, as a page part`, target, headers: { rsc: '1' } },
    { name: `${name}, as a subrequest`, target, headers: { 'x-middleware-subrequest': repeated('middleware') } },
  ]);
  return [...byHeader, ...bySpelling];
}
