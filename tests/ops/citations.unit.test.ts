import { expect, it } from 'vitest';
import { citations } from '../../scripts/lib/citations.mjs';

const paper = `See \`lib/env.ts\` and \`npm run up\`, [the record](013-keys.md#why), [it again](../docs/a%20b.md "title"),
![a picture](screenshot.png), [elsewhere](https://example.com/a.md), [below](#section), \`organization_keys\`.

\`\`\`sh
cat \`lib/gone.ts\` # [no link](gone.md)
\`\`\`
`;

it('finds quoted paths and the targets of links, and nothing in programs', () => {
  expect(citations(paper)).toEqual({ quoted: ['lib/env.ts'], linked: ['013-keys.md', '../docs/a b.md', 'screenshot.png'] });
});
