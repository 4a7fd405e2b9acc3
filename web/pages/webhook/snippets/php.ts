import type { Profile } from '../../../api/types.ts';
import { shapeOf } from './shape.ts';

export function phpCode(profile: Profile): string {
  const { kind, encoding, prefix, signature, previous, id, timestamp } = shapeOf(profile);
  const age = `    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
        return false;
    }`;
  const head = {
    standard: `    $timestamp = $headers['${timestamp}'] ?? '';
${age}
    $given = explode(' ', $headers['${signature}'] ?? '');
    $signed = ($headers['${id}'] ?? '') . '.' . $timestamp . '.' . $rawBody;`,
    timestamped: `    preg_match_all('/(?:^|,)(t|v1)=([^,]*)/', $headers['${signature}'] ?? '', $parts, PREG_SET_ORDER);
    $of = fn (string $name) => array_values(array_map(fn ($part) => $part[2], array_filter($parts, fn ($part) => $part[1] === $name)));
    $timestamp = $of('t')[0] ?? '';
${age}
    $given = $of('v1');
    $signed = $timestamp . '.' . $rawBody;`,
    body: `${timestamp ? `    $timestamp = $headers['${timestamp}'] ?? '';\n${age}\n` : ''}    $given = [$headers['${signature}'] ?? ''${previous ? `, $headers['${previous}'] ?? ''` : ''}];
    $signed = $rawBody;`,
  }[kind];
  const digest =
    encoding === 'hex'
      ? `hash_hmac('sha256', $signed, $key)`
      : `base64_encode(hash_hmac('sha256', $signed, $key, true))`;
  return `<?php
// $rawBody: file_get_contents('php://input'). $headers: getallheaders().
function isGenuine(string $secret, array $headers, string $rawBody): bool
{
    if ($secret === '') {
        throw new InvalidArgumentException('the secret is missing');
    }
    $headers = array_change_key_case($headers);
${head}
    $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6), true) : $secret;
    if ($key === false || strlen($key) < 16) {
        throw new InvalidArgumentException('the secret is not the one that was shown');
    }
    $wanted = ${prefix ? `'${prefix}' . ` : ''}${digest};
    foreach ($given as $one) {
        if (hash_equals($wanted, $one)) {
            return true;
        }
    }
    return false;
}
`;
}
