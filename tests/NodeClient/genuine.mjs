import { createHmac, timingSafeEqual } from 'node:crypto';

// Whether a request comes from the platform and is no older than five minutes. `body`: the bytes as they came in.
export function isGenuine(headers, body, secret) {
  const timestamp = headers['beschutwerk-timestamp'] ?? '';
  const given = Buffer.from(headers['beschutwerk-signature'] ?? '');
  const right = Buffer.from('v1=' + createHmac('sha256', secret).update(timestamp + '.').update(body).digest('hex'));
  const fresh = Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300;
  return fresh && given.length === right.length && timingSafeEqual(given, right);
}
