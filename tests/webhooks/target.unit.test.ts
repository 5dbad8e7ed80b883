import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '@/lib/webhooks/transport/addresses';
import { readTarget } from '@/lib/webhooks/transport/target';
import { loopbackHosts, privateHosts } from './refused-hosts';

describe('where a webhook may lead', () => {
  it('tries more than forty spellings', () => {
    const hosts = [...loopbackHosts, ...privateHosts].map(([, host]) => host);
    expect(new Set(hosts).size).toBe(hosts.length);
    expect(hosts.length).toBeGreaterThanOrEqual(40);
  });

  it.each([...loopbackHosts, ...privateHosts])('not %s: %s', (_, host) => {
    for (const scheme of ['https', 'http']) {
      const target = readTarget(`${scheme}://${host}/hook`, { loopback: false });
      expect('refusal' in target ? target.refusal : 'taken').toMatch(scheme === 'https' ? /public addresses only|whole address/ : /https:|whole address/);
    }
  });

  it.each(privateHosts)('in local mode neither %s: %s', (_, host) => {
    for (const scheme of ['https', 'http']) expect(readTarget(`${scheme}://${host}/hook`, { loopback: true })).toHaveProperty('refusal');
  });

  it.each([
    ['93.184.216.34', '93.184.216.34', 443],
    ['hooks.example.com', 'hooks.example.com', 443],
    ['hooks.example.com.', 'hooks.example.com', 443],
    ['hooks.example.com:8443', 'hooks.example.com', 8443],
    ['internal.example.com', 'internal.example.com', 443],
    ['[2606:2800:220:1:248:1893:25c8:1946]', '2606:2800:220:1:248:1893:25c8:1946', 443],
    ['bücher.example', 'xn--bcher-kva.example', 443],
  ])('but %s', (written, host, port) => {
    expect(readTarget(`https://${written}/hook?x=1`, { loopback: false })).toMatchObject({ host, port, local: false });
  });

  it.each([
    ['http://hooks.example.com/', /https:/],
    ['ftp://hooks.example.com/', /https:/],
    ['file:///etc/passwd', /https:/],
    ['https://user:pass@hooks.example.com/', /user name and password/],
    ['https://user@hooks.example.com/', /user name and password/],
    ['https://hooks.example.com/#part', /#/],
    ['hooks.example.com', /whole address/],
    ['https://', /whole address/],
    ['https://256.256.256.256/', /whole address/],
    ['https://[fe80::1%25eth0]/', /whole address/],
  ])('says what to do about %s', (url, refusal) => {
    const target = readTarget(url, { loopback: true });
    expect('refusal' in target ? target.refusal : 'taken').toMatch(refusal);
  });

  it('leads to this machine by plain HTTP in local mode only', () => {
    for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080']) {
      expect(readTarget(`http://${host}/`, { loopback: true })).toMatchObject({ port: 8080, local: true });
      expect(readTarget(`http://${host}/`, { loopback: false })).toHaveProperty('refusal');
      expect(readTarget(`https://${host}/`, { loopback: false })).toHaveProperty('refusal');
    }
    expect(readTarget('http://10.0.0.1/', { loopback: true })).toHaveProperty('refusal');
    expect(readTarget('https://10.0.0.1/', { loopback: true })).toHaveProperty('refusal');
  });
});

describe('addresses as a resolver or a socket gives them', () => {
  it.each(['1.1.1.1', '::ffff:1.1.1.1', '64:ff9b::101:101', '2606:4700::1111', '172.32.0.1', '100.128.0.1'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each(['', 'localhost', 'fe80::1%eth0', '::ffff:127.0.0.1', '::ffff:192.168.0.1', '64:ff9b::10.0.0.1', '0x7f000001', '1.1.1', '1.1.1.1.1', '1.1.1.999', '/var/run/x.sock', '2002:101:101::'])('"%s" is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
