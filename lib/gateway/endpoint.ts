/** What of the environment says where the gateway is. */
interface Addresses {
  STUDIO_URL: string;
  GATEWAY_URL?: string | undefined;
}

/** Where people's apps reach Appwrite from outside, as their SDKs want it: `https://appwrite.example.com/v1`. */
export function gatewayEndpoint(env: Addresses): string {
  return `${gatewayUrl(env).origin}/v1`;
}

export function gatewayUrl({ GATEWAY_URL, STUDIO_URL }: Addresses): URL {
  return new URL(GATEWAY_URL ?? STUDIO_URL);
}

/** Whether the gateway has a host of its own, so that nothing it passes on shares an origin with Studio. */
export function standsApart(env: Addresses): boolean {
  return gatewayUrl(env).host !== new URL(env.STUDIO_URL).host;
}

/** Whether a `Host` header names the gateway. The port of the scheme may be written or not. */
export function namesGateway(env: Addresses, host: string | undefined): boolean {
  const { protocol, host: own } = gatewayUrl(env);
  const asked = `${protocol}//${host ?? ''}`;
  return URL.canParse(asked) && new URL(asked).host === own;
}
