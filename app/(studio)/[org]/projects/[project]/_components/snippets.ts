import type { Framework } from '@/app/(studio)/_components/frameworks';

export interface Snippet {
  install: string;
  /** Where the code goes. */
  file: string;
  code: string;
  /** How to run it. */
  run: string;
  /** Code in browsers and phones knows the endpoint and the project, never the key. */
  usesKey: boolean;
}

/** What to paste for each framework, with this project's own public values in it. */
export function snippetFor(framework: Framework, { endpoint, projectId }: { endpoint: string; projectId: string }): Snippet {
  switch (framework) {
    case 'nextjs':
      return {
        install: 'npm install node-appwrite',
        file: 'app/tables/page.tsx',
        code: `import { Client, TablesDB } from 'node-appwrite';

export const dynamic = 'force-dynamic';

export default async function Page() {
  const client = new Client()
    .setEndpoint(process.env.APPWRITE_ENDPOINT!)
    .setProject(process.env.APPWRITE_PROJECT_ID!)
    .setKey(process.env.APPWRITE_API_KEY!);
  const { total } = await new TablesDB(client).list();
  return <p>Connected. This project has {total} databases.</p>;
}`,
        run: 'npm run dev   # .env beside package.json, then open /tables',
        usesKey: true,
      };
    case 'node':
      return {
        install: 'npm install node-appwrite',
        file: 'connect.mjs',
        code: `import { Client, TablesDB } from 'node-appwrite';

process.loadEnvFile('.env');

const client = new Client()
  .setEndpoint(process.env.APPWRITE_ENDPOINT)
  .setProject(process.env.APPWRITE_PROJECT_ID)
  .setKey(process.env.APPWRITE_API_KEY);

const { total } = await new TablesDB(client).list();
console.log(\`Connected. This project has \${total} databases.\`);`,
        run: 'node connect.mjs',
        usesKey: true,
      };
    case 'react':
      return {
        install: 'npm install appwrite',
        file: 'src/App.jsx',
        code: `import { useEffect, useState } from 'react';
import { Client, Locale } from 'appwrite';

const client = new Client()
  .setEndpoint('${endpoint}')
  .setProject('${projectId}');

export default function App() {
  const [said, setSaid] = useState('Connecting');
  useEffect(() => {
    new Locale(client).listCurrencies().then(
      ({ total }) => setSaid(\`Connected, \${total} currencies known\`),
      (error) => setSaid(error.message),
    );
  }, []);
  return <p>{said}</p>;
}`,
        run: 'npm run dev   # its hostname must be registered as a platform under Project settings',
        usesKey: false,
      };
    case 'vue':
      return {
        install: 'npm install appwrite',
        file: 'src/App.vue',
        code: `<script setup>
import { onMounted, ref } from 'vue';
import { Client, Locale } from 'appwrite';

const client = new Client()
  .setEndpoint('${endpoint}')
  .setProject('${projectId}');
const said = ref('Connecting');

onMounted(async () => {
  try {
    const { total } = await new Locale(client).listCurrencies();
    said.value = \`Connected, \${total} currencies known\`;
  } catch (error) {
    said.value = error.message;
  }
});
</script>

<template>
  <p>{{ said }}</p>
</template>`,
        run: 'npm run dev   # its hostname must be registered as a platform under Project settings',
        usesKey: false,
      };
    case 'flutter':
      return {
        install: 'flutter pub add appwrite',
        file: 'lib/main.dart',
        code: `import 'package:appwrite/appwrite.dart';
import 'package:flutter/material.dart';

final client = Client()
    .setEndpoint('${endpoint}')
    .setProject('${projectId}');

void main() => runApp(MaterialApp(
      home: FutureBuilder(
        future: Locale(client).listCurrencies(),
        builder: (context, snapshot) => Text(
          snapshot.hasError ? '\${snapshot.error}' : snapshot.hasData ? 'Connected' : 'Connecting',
        ),
      ),
    ));`,
        run: 'flutter run',
        usesKey: false,
      };
    case 'rest':
      return {
        install: 'set -a; . ./.env; set +a',
        file: 'Terminal',
        code: `curl -s "$APPWRITE_ENDPOINT/tablesdb" \\
  -H "X-Appwrite-Project: $APPWRITE_PROJECT_ID" \\
  -H "X-Appwrite-Key: $APPWRITE_API_KEY"`,
        run: '# answers {"total":0,"databases":[]} in a new project',
        usesKey: true,
      };
  }
}
